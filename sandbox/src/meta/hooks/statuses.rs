//! What Meta reports about a message it accepted: sent, delivered, read, or failed.
//!
//! Invariant: every status carries the `biz_opaque_callback_data` of its message; it is the only way
//! to recognise a message whose answer was lost.

use tokio::sync::oneshot;

use super::report::{self, Report};
use super::{Delivery, Subject};
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::person::Person;
use crate::meta::script::{Effects, Settings};
use crate::meta::wire;

/// Pauses (business ms) between accepting a message and each of its statuses.
const SENT_AFTER: i64 = 30;
const DELIVERED_AFTER: i64 = 120;
const READ_AFTER: i64 = 900;
/// Long enough that the swapped one is surely second, although deliveries run side by side.
const SWAPPED_AFTER: i64 = 1_000;
/// What fails when nobody says why.
const UNDELIVERABLE: u32 = 131_026;

/// An accepted message, as far as statuses speak of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Meta's id.
    pub wamid: String,
    /// Whom it is for.
    pub person: Person,
    /// What the business wants to hear again.
    pub opaque: Option<String>,
    /// Category of the template, if it was one.
    pub category: Option<String>,
    /// Whether it was addressed to a user id instead of a number.
    pub by_user_id: bool,
    /// Failure to report instead of a delivery.
    pub failure: Option<GraphError>,
}

/// One status that is planned.
#[derive(Debug, PartialEq, Eq)]
struct Planned {
    status: String,
    after_ms: i64,
    failure: Option<GraphError>,
    /// Whether the price is told: with `sent`, and with whichever comes next.
    priced: bool,
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
    let mut first = None;
    for planned in plan(sent, effects, settings) {
        let Planned { status, after_ms, failure, priced } = planned;
        // Before the answer means now: whoever waits for it must not wait for a delivery pause.
        let due = if effects.status_first { now } else { now + after_ms + delay };
        let report = Report {
            status: &status,
            at_ms: due,
            failure: failure.as_ref(),
            priced,
            malformed: effects.malformed,
            version: settings.webhook_version,
        };
        let body = wire::to_json(&report::body(account, sent, &report));
        let told = enqueue(world, account, sent, &body, due, effects);
        first = first.or(told);
    }
    world.wake_queue();
    first
}

/// The usual course of a message, or the scripted one.
fn plan(sent: &Sent, effects: &Effects, settings: Settings) -> Vec<Planned> {
    let step = |status: &str, after_ms: i64| Planned {
        status: status.to_owned(),
        after_ms,
        failure: None,
        priced: false,
    };
    let mut plan = match (&sent.failure, &effects.statuses, effects.reorder) {
        (Some(failure), _, _) => {
            vec![Planned { failure: Some(failure.clone()), ..step("failed", SENT_AFTER) }]
        }
        (None, Some(steps), _) => (1i64..)
            .zip(steps)
            .map(|(place, script)| {
                let after = script.after_ms.and_then(|ms| i64::try_from(ms).ok());
                let code = script.code.or((script.status == "failed").then_some(UNDELIVERABLE));
                Planned {
                    failure: code.map(|code| GraphError::of(code).details("Scripted.")),
                    ..step(&script.status, after.unwrap_or(SENT_AFTER * place))
                }
            })
            .collect(),
        (None, None, false) => vec![step("sent", SENT_AFTER), step("delivered", DELIVERED_AFTER)],
        (None, None, true) => vec![step("delivered", SENT_AFTER), step("sent", SWAPPED_AFTER)],
    };
    if settings.auto_read.0 && sent.failure.is_none() && effects.statuses.is_none() {
        plan.push(step("read", READ_AFTER));
    }
    let mut arrived = false;
    for planned in &mut plan {
        planned.priced = match planned.status.as_str() {
            "sent" => true,
            "delivered" | "read" => !std::mem::replace(&mut arrived, true),
            _ => false,
        };
    }
    plan
}

/// Tells that the person has read a message.
pub fn announce_read(world: &World, account: &Account, sent: &Sent) {
    let settings = world.script().settings;
    if !settings.statuses.0 || !is_subscribed(account) {
        return;
    }
    let now = world.clock().now_ms();
    let report = Report {
        status: "read",
        at_ms: now,
        failure: None,
        priced: false,
        malformed: false,
        version: settings.webhook_version,
    };
    let body = wire::to_json(&report::body(account, sent, &report));
    enqueue(world, account, sent, &body, now, &Effects::default());
    world.wake_queue();
}

fn enqueue(
    world: &World,
    account: &Account,
    sent: &Sent,
    body: &str,
    due: i64,
    effects: &Effects,
) -> Option<oneshot::Receiver<bool>> {
    let subject = Subject {
        phone_number_id: Some(account.phone_number_id.clone()),
        to: Some(sent.person.number.to_string()),
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
