//! One status as Meta words it.
//!
//! Invariant: failures come without contacts, and a number is told only to whom it is known.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::payload::envelope;
use super::statuses::Sent;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::wire;

/// From this version of webhooks on, Meta does not speak of conversations.
const WITHOUT_CONVERSATION: u32 = 24;
const DAY_SECS: i64 = 86_400;

/// What is to be said of a message.
pub(super) struct Report<'a> {
    pub(super) status: &'a str,
    pub(super) at_ms: i64,
    pub(super) failure: Option<&'a GraphError>,
    pub(super) priced: bool,
    /// With an element in front that nobody can read.
    pub(super) malformed: bool,
    /// Version of webhooks that the app is set to.
    pub(super) version: u32,
}

pub(super) fn body(account: &Account, sent: &Sent, report: &Report<'_>) -> Value {
    let Report { status, at_ms: _, failure, priced: _, malformed, version: _ } = *report;
    let element = element(account, sent, report);
    let elements =
        if malformed { json!([{"id": 12, "status": {}}, element]) } else { json!([element]) };
    let value = if failure.is_some() || status == "failed" {
        json!({"statuses": elements})
    } else {
        let contact = sent.person.contact(account, matches!(status, "delivered" | "read"));
        json!({"contacts": [contact], "statuses": elements})
    };
    envelope(account, value)
}

fn element(account: &Account, sent: &Sent, report: &Report<'_>) -> Value {
    let Sent { wamid, person, opaque, category, by_user_id, failure: _ } = sent;
    let Report { status, at_ms, failure, priced, malformed: _, version } = *report;
    let mut element =
        json!({"id": wamid, "status": status, "timestamp": (at_ms / 1000).to_string()});
    if !(*by_user_id && person.identity.hidden) {
        element["recipient_id"] = json!(person.number.as_str());
    }
    if let Some(opaque) = opaque {
        element["biz_opaque_callback_data"] = json!(opaque);
    }
    // A failure to a number is all that goes without.
    if status != "failed" || *by_user_id {
        element["recipient_user_id"] = json!(person.user_id(&account.business_id));
        if let Some(parent) = person.parent_user_id() {
            element["recipient_parent_user_id"] = json!(parent);
        }
    }
    if priced {
        element["pricing"] = pricing(category.as_deref());
        if version < WITHOUT_CONVERSATION {
            element["conversation"] = conversation(wamid, status, category.as_deref(), at_ms);
        }
    }
    if let Some(failure) = failure {
        element["errors"] = json!([failure.to_status_error()]);
    }
    element
}

fn pricing(category: Option<&str>) -> Value {
    match category {
        Some(category) => json!({
            "billable": true, "pricing_model": "PMP", "type": "regular",
            "category": category.to_ascii_lowercase(),
        }),
        None => json!({
            "billable": false, "pricing_model": "PMP", "type": "free_customer_service",
            "category": "service",
        }),
    }
}

/// Every message is a conversation of its own; only `sent` says how long it lasts.
fn conversation(wamid: &str, status: &str, category: Option<&str>, at_ms: i64) -> Value {
    let id = wire::hex(&Sha256::digest(wamid)[..16]);
    let origin = category.unwrap_or("service").to_ascii_lowercase();
    let mut conversation = json!({"id": id, "origin": {"type": origin}});
    if status == "sent" {
        conversation["expiration_timestamp"] = json!((at_ms / 1000 + DAY_SECS).to_string());
    }
    conversation
}
