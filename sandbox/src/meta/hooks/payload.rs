//! The envelope of a webhook and the parts that messages and statuses share.

use serde_json::{Value, json};

use crate::meta::account::Account;
use crate::meta::number::WaNumber;

/// Wraps one `value` of the field `messages`.
#[must_use]
pub fn envelope(account: &Account, mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({
        "display_phone_number": account.number.as_str(),
        "phone_number_id": account.phone_number_id,
    });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": account.waba_id, "changes": [{"field": "messages", "value": value}]}],
    })
}

/// The element of `contacts` for a person.
pub(super) fn contact(account: &Account, number: &WaNumber, name: &str) -> Value {
    json!({
        "profile": {"name": name},
        "wa_id": number.as_str(),
        "user_id": number.user_id(&account.business_id),
    })
}
