//! The envelope of webhooks about messages and statuses.

use serde_json::{Value, json};

use crate::meta::account::Account;

/// Wraps one `value` of the field `messages`.
#[must_use]
pub fn envelope(account: &Account, value: Value) -> Value {
    envelope_of(account, "messages", value)
}

/// Wraps one `value` of a field that is about a number.
#[must_use]
pub fn envelope_of(account: &Account, field: &str, mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({
        "display_phone_number": account.number.as_str(),
        "phone_number_id": account.phone_number_id,
    });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": account.waba_id, "changes": [{"field": field, "value": value}]}],
    })
}
