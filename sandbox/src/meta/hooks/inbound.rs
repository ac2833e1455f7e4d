//! What Meta says when a person wrote.

use serde_json::{Value, json};

use super::payload::{contact, envelope};
use crate::meta::account::Account;
use crate::meta::number::WaNumber;

/// The webhook body for one message object, which has everything but its sender. Of a `hidden`
/// sender (somebody with a user name) Meta tells the user id and leaves the number out.
#[must_use]
pub fn inbound(
    account: &Account,
    number: &WaNumber,
    name: &str,
    hidden: bool,
    mut message: Value,
) -> Value {
    let mut contact = contact(account, number, name);
    message["from_user_id"] = contact["user_id"].clone();
    if hidden {
        contact = json!({"profile": contact["profile"], "user_id": contact["user_id"]});
    } else {
        message["from"] = json!(number.as_str());
    }
    // Meta leaves the contacts out of system messages.
    let value = if message["type"] == "system" {
        json!({"messages": [message]})
    } else {
        json!({"contacts": [contact], "messages": [message]})
    };
    envelope(account, value)
}
