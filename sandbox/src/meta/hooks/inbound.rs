//! What Meta says when a person wrote.

use serde_json::{Value, json};

use super::payload::envelope;
use crate::meta::account::Account;
use crate::meta::person::Person;

/// The webhook body for one message object, which has everything but its sender.
#[must_use]
pub fn inbound(account: &Account, person: &Person, message: Value) -> Value {
    envelope(account, value(account, person, message))
}

/// Its `value`, still without metadata.
fn value(account: &Account, person: &Person, mut message: Value) -> Value {
    if let Some(from) = person.wa_id(&account.business_id) {
        message["from"] = json!(from);
    }
    // Meta leaves the contacts out of system messages, and the user ids are inside.
    if message["type"] == "system" {
        return json!({"messages": [message]});
    }
    message["from_user_id"] = json!(person.user_id(&account.business_id));
    if let Some(parent) = person.parent_user_id() {
        message["from_parent_user_id"] = json!(parent);
    }
    json!({"contacts": [person.contact(account, true)], "messages": [message]})
}
