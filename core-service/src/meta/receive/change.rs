//! A candidate's identifiers changed: told by a system message.
//!
//! Invariant: who they were is never taken for who they are, wherever Meta puts which.

use serde_json::Value;

use super::{super::peek, person};
use crate::domain::fact::Person;

/// Reads who the sender is now; leaves in `sender` who they were. `None` when nothing of it changed.
pub(super) fn read(message: &Value, sender: &mut Person) -> Option<Person> {
    let is_system = message.get("type").and_then(Value::as_str) == Some("system");
    let system = message.get("system").filter(|_| is_system)?;
    let of_id_alone = match peek::text(system, "type")?.as_str() {
        "user_changed_number" | "customer_changed_number" => false,
        "user_changed_user_id" => true,
        _ => return None,
    };
    let (mut phone, user_id) = person::identifiers(system, &["wa_id", "new_wa_id", "user_id"]);
    let (_, previous) = person::identifiers(system, &["previous_user_id"]);
    if sender.user_id == user_id || sender.user_id.is_none() {
        sender.user_id = previous;
    }
    if of_id_alone {
        phone = phone.or_else(|| sender.phone.clone());
    }
    let changed = (phone.is_some() && phone != sender.phone)
        || (user_id.is_some() && user_id != sender.user_id);
    changed.then(|| Person { phone, user_id, ..Person::default() })
}
