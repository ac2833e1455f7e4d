//! What Meta tells us about our relation to a customer: field `account_update`, events `PARTNER_…`.
//!
//! Invariant: `entry.id` is our own portfolio here, and the customer stands inside `waba_info`; so
//! these come without a subscription to the account, and still do after it is gone.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Delivery, Subject};
use crate::meta::account::Waba;
use crate::meta::{World, wire};

/// What happened between a customer and us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    /// An account was shared with us.
    Added,
    /// Our app was installed on it.
    AppInstalled,
    /// The customer removed our app.
    AppUninstalled,
    /// The account is not shared with us any more.
    Removed(Option<Disconnection>),
}

/// Why a number in coexistence left.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Disconnection {
    /// Meta's word, such as `ACCOUNT_DISCONNECTED`.
    pub reason: String,
    /// `USER` or `SYSTEM`.
    pub initiated_by: String,
}

impl PartnerEvent {
    /// Meta's word for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Added => "PARTNER_ADDED",
            Self::AppInstalled => "PARTNER_APP_INSTALLED",
            Self::AppUninstalled => "PARTNER_APP_UNINSTALLED",
            Self::Removed(_) => "PARTNER_REMOVED",
        }
    }
}

/// Queues the webhook; answers whether anybody will be told.
pub fn announce_partner(world: &World, waba: &Waba, event: &PartnerEvent) -> bool {
    if !world.script().settings.account_updates.0 || world.webhook_url().is_none() {
        return false;
    }
    let ours = world.state().app.business_id.clone();
    let now = world.clock().now_ms();
    let value = value(world.app_id(), waba, event);
    let body = wire::to_json(&json!({
        "object": "whatsapp_business_account",
        "entry": [{
            "id": ours, "time": now / 1000,
            "changes": [{"field": "account_update", "value": value}],
        }],
    }));
    let queued = world.queue().push(Delivery::new(body, Subject::default(), now)).is_some();
    world.wake_queue();
    queued
}

fn value(app_id: &str, waba: &Waba, event: &PartnerEvent) -> Value {
    let mut value = json!({
        "event": event.name(),
        "waba_info": {
            "waba_id": waba.waba_id, "owner_business_id": waba.business_id,
            "partner_app_id": app_id,
        },
    });
    if let PartnerEvent::Removed(Some(Disconnection { reason, initiated_by })) = event {
        value["disconnection_info"] = json!({"reason": reason, "initiated_by": initiated_by});
    }
    value
}
