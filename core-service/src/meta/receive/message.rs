//! One inbound message.

use serde_json::{Value, value::RawValue};

use super::{
    super::peek,
    Broken, content,
    sender::{self, Contacts},
};
use crate::domain::{
    fact::{Inbound, What},
    ids::Wamid,
    time::Timestamp,
};

/// The last second of the year 9999: nothing later can be written as a date.
const LAST_SECOND: i64 = 253_402_300_799;

/// Reads a message. `None` when it is none of a conversation between two.
pub(super) fn read(raw: &RawValue, contacts: &Contacts) -> Result<Option<What>, Broken> {
    let Ok(message @ Value::Object(_)) = serde_json::from_str::<Value>(raw.get()) else {
        return Err("a message is no object that can be read");
    };
    if message.get("group_id").is_some_and(|group| !group.is_null()) {
        return Ok(None);
    }
    let id = peek::text(&message, "id").ok_or("a message has no id")?;
    let wamid = Wamid::parse(&id).map_err(|_| "a message has an id that is none")?;
    let sent_at = time(&message).ok_or("a message has no time")?;
    let sender = sender::of(&message, contacts).ok_or("a message names no sender")?;
    let (kind, content) = content::read(&message, raw);
    let context = message.get("context").and_then(|context| peek::text(context, "id"));
    let context = context.and_then(|id| Wamid::parse(&id).ok());
    Ok(Some(What::Inbound(Box::new(Inbound { wamid, sender, sent_at, kind, content, context }))))
}

/// Seconds as Meta counts them, a text or a number.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let seconds = peek::integer(value, "timestamp")?;
    (1..=LAST_SECOND).contains(&seconds).then(|| Timestamp::from_seconds(seconds))
}
