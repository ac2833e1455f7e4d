//! What Meta reports about a message it accepted: sent, delivered, read, or failed.
//!
//! Invariant: every status carries the `biz_opaque_callback_data` of its message; it is the only way
//! to recognise a message whose answer was lost.

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::payload::{contact, envelope};
use super::{Delivery, Subject};
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::number::WaNumber;
use crate::meta::script::Effects;
use crate::meta::wire;

/// Pauses (business ms) between accepting a message and each of its statuses.
const SENT_AFTER: i64 = 30;
const DELIVERED_AFTER: i64 = 120;
const READ_AFTER: i64 = 900;
/// Long enough that the swapped one is surely second, although deliveries run side by side.
const SWAPPED_AFTER: i64 = 1_000;

/// An accepted message, as far as statuses speak of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Meta's id.
    pub wamid: String,
    /// The person.
    pub to: WaNumber,
    /// Profile name of the person.
    pub name: String,
    /// What the business wants to hear again.
    pub opaque: Option<String>,
    /// Category of the template, if it was one.
    pub category: Option<String>,
    /// Whether it was addressed to a user id instead of a number.
    pub by_user_id: bool,
    /// Failure to report instead of a delivery.
    pub failure: Option<GraphError>,
}

/// Whether Meta tells our app anything about this account.
#[must_use]
pub fn is_subscribed(account: &Account) -> bool {
    account.subscribed
}

/// Plans all statuses of a message. Answers a receiver for the acknowledgement of the first one.
pub fn announce(
    world: &World,
    account: &Account,
    sent: &Sent,
    effects: &Effects,
) -> Option<oneshot::Receiver<bool>> {
    let settings = world.script().settings;
    if !settings.statuses.0 || !is_subscribed(account) {
        return None;
    }
    let delay = i64::try_from(effects.delay_ms).unwrap_or(0);
    let now = world.clock().now_ms();
    let mut plan: Vec<(&str, i64)> = match (&sent.failure, effects.reorder) {
        (Some(_), _) => vec![("failed", SENT_AFTER)],
        (None, false) => vec![("sent", SENT_AFTER), ("delivered", DELIVERED_AFTER)],
        (None, true) => vec![("delivered", SENT_AFTER), ("sent", SWAPPED_AFTER)],
    };
    if settings.auto_read.0 && sent.failure.is_none() {
        plan.push(("read", READ_AFTER));
    }
    let mut first = None;
    for (status, after) in plan {
        // Before the answer means now: whoever waits for it must not wait for a delivery pause.
        let due = if effects.status_first { now } else { now + after + delay };
        let body = wire::to_json(&body(account, sent, status, due, effects.malformed));
        let told = enqueue(world, account, &sent.to, &body, due, effects);
        first = first.or(told);
    }
    world.wake_queue();
    first
}

/// Tells that the person has read a message.
pub fn announce_read(world: &World, account: &Account, sent: &Sent) {
    if !world.script().settings.statuses.0 || !is_subscribed(account) {
        return;
    }
    let now = world.clock().now_ms();
    let body = wire::to_json(&body(account, sent, "read", now, false));
    enqueue(world, account, &sent.to, &body, now, &Effects::default());
    world.wake_queue();
}

fn enqueue(
    world: &World,
    account: &Account,
    to: &WaNumber,
    body: &str,
    due: i64,
    effects: &Effects,
) -> Option<oneshot::Receiver<bool>> {
    let subject = Subject {
        phone_number_id: Some(account.phone_number_id.clone()),
        to: Some(to.to_string()),
    };
    let mut queue = world.queue();
    let mut first = None;
    for _ in 0..=effects.extra_copies {
        let delivery = Delivery::new(body.to_owned(), subject.clone(), due);
        if effects.hold {
            queue.hold(delivery);
        } else if let Some(id) = queue.push(delivery) {
            first.get_or_insert(id);
        }
    }
    if effects.status_first { first.map(|id| queue.on_settled(id)) } else { None }
}

fn body(account: &Account, sent: &Sent, status: &str, at_ms: i64, malformed: bool) -> Value {
    let Sent { wamid, to, name, opaque, category, by_user_id, failure } = sent;
    let mut element = json!({
        "id": wamid, "status": status, "timestamp": (at_ms / 1000).to_string(),
        "recipient_id": to.as_str(),
    });
    if let Some(opaque) = opaque {
        element["biz_opaque_callback_data"] = json!(opaque);
    }
    if status != "failed" || *by_user_id {
        element["recipient_user_id"] = json!(to.user_id(&account.business_id));
    }
    if matches!(status, "sent" | "delivered") {
        element["pricing"] = pricing(category.as_deref());
    }
    if let Some(failure) = failure {
        element["errors"] = json!([failure.to_status_error()]);
    }
    let elements =
        if malformed { json!([{"id": 12, "status": {}}, element]) } else { json!([element]) };
    // Failures come without contacts.
    let value = if status == "failed" {
        json!({"statuses": elements})
    } else {
        json!({"contacts": [contact(account, to, name)], "statuses": elements})
    };
    envelope(account, value)
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
