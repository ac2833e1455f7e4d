//! News of accounts: bans, restrictions, partners, capabilities, alerts, reviews.

use serde_json::{Map, Value, json};

use super::{Ready, merged};
use crate::meta::account::Waba;
use crate::meta::control::Problem;
use crate::meta::ids;
use crate::meta::state::State as Memory;

/// Up to this version of webhooks, capabilities were counted per number.
const PER_NUMBER: u32 = 23;

/// `account_update`. Events about our relation to the customer come under our own portfolio, and
/// without a subscription.
pub(super) fn update(
    state: &mut Memory,
    waba_id: &str,
    different: Map<String, Value>,
    app_id: &str,
) -> Result<Ready, Problem> {
    let ours = state.app.business_id.clone();
    let waba = state.wabas.get_mut(waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let event = different.get("event").and_then(Value::as_str).unwrap_or("ACCOUNT_RESTRICTION");
    let relation = event.starts_with("PARTNER_")
        || matches!(event, "AD_ACCOUNT_LINKED" | "MM_LITE_TERMS_SIGNED");
    let value = merged(usual(waba, event, app_id, relation), different);
    match value["ban_info"]["waba_ban_state"].as_str() {
        Some("DISABLE") => waba.banned = true,
        Some("REINSTATE") => waba.banned = false,
        _ => {}
    }
    let entry_id = if relation { ours } else { waba_id.to_owned() };
    Ok(Ready { entry_id, value, timed: true, unsubscribed: relation })
}

fn usual(waba: &Waba, event: &str, app_id: &str, relation: bool) -> Value {
    let mut value = json!({"event": event});
    if relation {
        value["waba_info"] = json!({
            "waba_id": waba.waba_id, "owner_business_id": waba.business_id,
            "partner_app_id": app_id,
        });
    }
    match event {
        "ACCOUNT_RESTRICTION" => {
            value["restriction_info"] = json!([{
                "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
                "expiration": 1_893_456_000, "remediation": "Wait until the restriction ends.",
            }]);
        }
        "ACCOUNT_VIOLATION" => {
            value["violation_info"] = json!({"violation_type": "SCAM"});
        }
        "DISABLED_UPDATE" => {
            value["ban_info"] =
                json!({"waba_ban_state": "DISABLE", "waba_ban_date": "January 31, 2027"});
        }
        _ => {}
    }
    value
}

pub(super) fn other(
    waba_id: &str,
    field: &str,
    different: Map<String, Value>,
    version: u32,
) -> Value {
    let usual = match (field, version) {
        ("account_review_update", _) => json!({"decision": "APPROVED"}),
        ("business_capability_update", ..=PER_NUMBER) => {
            json!({"max_daily_conversation_per_phone": 1_000, "max_phone_numbers_per_business": 25})
        }
        ("business_capability_update", _) => json!({
            "max_daily_conversations_per_business": 2_000, "max_phone_numbers_per_waba": 25,
        }),
        _ => json!({
            "entity_type": "BUSINESS", "entity_id": waba_id,
            "alert_info": {
                "alert_severity": "WARNING", "alert_status": "ACTIVE",
                "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO",
                "alert_description": "More information is needed.", "alert_id": ids::trace_id(),
            },
        }),
    };
    merged(usual, different)
}
