//! Webhooks made by hand, for what Meta's phones never do.

use sandbox::{meta::wire, secrets::APP_SECRET};
use serde_json::{Value, json};

use super::Account;

/// A body that was written and signed as Meta does.
#[derive(Clone, Debug)]
pub struct Update {
    /// The bytes.
    pub body: String,
    /// What stands in `X-Hub-Signature-256`.
    pub signature: String,
}

impl Update {
    /// Signs these bytes.
    pub fn of_text(body: String) -> Self {
        let signature = wire::signature(APP_SECRET, body.as_bytes());
        Self { body, signature }
    }

    /// Writes and signs this value.
    pub fn of(value: &Value) -> Self {
        Self::of_text(wire::to_json(value))
    }
}

/// One delivery with one entry for each account.
pub fn body(entries: &[(&Account, Value)]) -> Value {
    let entries: Vec<Value> =
        entries.iter().map(|(account, value)| entry(account, value)).collect();
    json!({"object": "whatsapp_business_account", "entry": entries})
}

fn entry(account: &Account, value: &Value) -> Value {
    let mut value = value.clone();
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({
        "display_phone_number": "15550000000", "phone_number_id": account.phone_number_id,
    });
    json!({"id": account.waba_id, "changes": [{"field": "messages", "value": value}]})
}

/// A candidate's text.
pub fn inbound(from: &str, wamid: &str, second: i64, text: &str) -> Value {
    json!({"from": from, "id": wamid, "timestamp": second.to_string(), "type": "text",
           "text": {"body": text}})
}

/// A report on a message of ours.
pub fn status(wamid: &str, status: &str, second: i64, to: &str) -> Value {
    json!({"id": wamid, "status": status, "timestamp": second.to_string(), "recipient_id": to})
}
