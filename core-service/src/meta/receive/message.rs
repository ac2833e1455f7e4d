//! One message of a conversation between two: what a candidate wrote, or the business on a phone of its
//! own.

use serde_json::{Value, value::RawValue};

use super::{
    super::peek,
    Broken, amendment, beside, change, content,
    person::{self, Contacts},
};
use crate::domain::{
    fact::{Echo, Inbound, What},
    ids::Wamid,
    message::Direction,
    time::Timestamp,
};

/// The last second of the year 9999: nothing later can be written as a date.
const LAST_SECOND: i64 = 253_402_300_799;

/// Reads what a candidate wrote. `None` when it is none of a conversation between two.
pub(super) fn read(raw: &RawValue, contacts: &Contacts) -> Result<Option<What>, Broken> {
    let Some(Common { message, wamid, sent_at }) = common(raw)? else { return Ok(None) };
    if let Some(amended) = amendment::read(&message, &wamid, sent_at, Direction::Inbound, raw)? {
        return Ok(Some(What::Amended(Box::new(amended))));
    }
    let mut sender = person::sender(&message, contacts).ok_or("a message names no sender")?;
    let (kind, content) = content::read(&message, raw);
    let became = change::read(&message, &mut sender);
    if sender.phone.is_none() {
        sender.phone = beside::shared_phone(&message);
    }
    Ok(Some(What::Inbound(Box::new(Inbound {
        wamid,
        sender,
        sent_at,
        kind,
        context: beside::context(&message),
        referral: beside::referral(&message),
        raw: beside::surplus(&message, &content, raw),
        content,
        became: became.map(Box::new),
    }))))
}

/// Reads what the business wrote on a phone of its own.
pub(super) fn read_echo(raw: &RawValue, contacts: &Contacts) -> Result<Option<What>, Broken> {
    let Some(Common { message, wamid, sent_at }) = common(raw)? else { return Ok(None) };
    if let Some(amended) = amendment::read(&message, &wamid, sent_at, Direction::Outbound, raw)? {
        return Ok(Some(What::Amended(Box::new(amended))));
    }
    let recipient = person::recipient_of_echo(&message, contacts);
    let recipient = recipient.ok_or("an echo names no recipient")?;
    let (kind, content) = content::read(&message, raw);
    Ok(Some(What::Echo(Box::new(Echo {
        wamid,
        recipient,
        sent_at,
        kind,
        context: beside::context(&message),
        raw: beside::surplus(&message, &content, raw),
        content,
    }))))
}

/// What every message has.
struct Common {
    message: Value,
    wamid: Wamid,
    sent_at: Timestamp,
}

/// `None` for a message of a group.
fn common(raw: &RawValue) -> Result<Option<Common>, Broken> {
    let Ok(message @ Value::Object(_)) = serde_json::from_str::<Value>(raw.get()) else {
        return Err("a message is no object that can be read");
    };
    if message.get("group_id").is_some_and(|group| !group.is_null()) {
        return Ok(None);
    }
    let id = peek::text(&message, "id").ok_or("a message has no id")?;
    let wamid = Wamid::parse(&id).map_err(|_| "a message has an id that is none")?;
    let sent_at = time(&message).ok_or("a message has no time")?;
    Ok(Some(Common { message, wamid, sent_at }))
}

/// Seconds as Meta counts them, a text or a number.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let seconds = peek::integer(value, "timestamp")?;
    (1..=LAST_SECOND).contains(&seconds).then(|| Timestamp::from_seconds(seconds))
}
