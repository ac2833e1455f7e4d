//! A message that changes an earlier one, or takes it back.

use serde_json::{Value, value::RawValue};

use super::{super::peek, Broken, content};
use crate::domain::{
    amendment::{Amendment, Change},
    content::MessageType,
    fact::Amended,
    ids::Wamid,
    message::Direction,
    time::Timestamp,
};

/// Reads an amendment; `None` for any other message, and for an edit to something that this version does
/// not know: that is shown as what it is, unsupported.
pub(super) fn read(
    message: &Value,
    wamid: &Wamid,
    at: Timestamp,
    direction: Direction,
    raw: &RawValue,
) -> Result<Option<Amended>, Broken> {
    let word = message.get("type").and_then(Value::as_str);
    let (part, change) = match word {
        Some("revoke") => (message.get("revoke"), Change::Revoked),
        Some("edit") => {
            let part = message.get("edit");
            let new = part.and_then(|part| part.get("message"));
            let Some((kind, content)) = new.map(|new| content::read(new, raw)) else {
                return Ok(None);
            };
            if kind == MessageType::Unsupported {
                return Ok(None);
            }
            (part, Change::Edited { kind, content: Box::new(content) })
        }
        Some(_) | None => return Ok(None),
    };
    let original = part.and_then(|part| peek::text(part, "original_message_id"));
    let original = original.and_then(|id| Wamid::parse(&id).ok());
    let original = original.ok_or("a change of a message does not say of which")?;
    let amendment = Amendment { wamid: wamid.clone(), direction, at, change };
    Ok(Some(Amended { original, amendment }))
}
