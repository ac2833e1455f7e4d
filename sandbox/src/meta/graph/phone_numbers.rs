//! Phone numbers: the node and the list of an account.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use super::fields;
use super::page::Asked;
use crate::meta::World;
use crate::meta::account::BusinessNumber;
use crate::meta::error::GraphError;

const DEFAULT_FIELDS: [&str; 6] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
];

pub(super) async fn list(
    State(world): State<World>,
    caller: Caller,
    Path((_, waba_id)): Path<(String, String)>,
    asked: Asked,
) -> Result<Answer, GraphError> {
    let nodes: Vec<Value> = {
        let mut state = world.state();
        caller.waba(&mut state, "GET", &waba_id)?;
        state.numbers_of(&waba_id).map(describe).collect()
    };
    let nodes = nodes.iter().map(|node| select(node, asked.get("fields")));
    Ok(Answer(asked.page(&nodes.collect::<Result<Vec<Value>, _>>()?)?))
}

/// Everything that is known about a number; null where it has no value.
pub(super) fn describe(number: &BusinessNumber) -> Value {
    let BusinessNumber {
        phone_number_id,
        waba_id: _,
        number: _,
        verified_name,
        registered,
        pin,
        registrations: _,
        code_verified,
        on_biz_app,
    } = number;
    json!({
        "id": phone_number_id,
        "display_phone_number": number.display(),
        "verified_name": verified_name,
        "quality_rating": "GREEN",
        "code_verification_status": if *code_verified { "VERIFIED" } else { "NOT_VERIFIED" },
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "status": if *registered { "CONNECTED" } else { "PENDING" },
        "platform_type": if *registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "throughput": {"level": if *registered { "STANDARD" } else { "NOT_APPLICABLE" }},
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "is_pin_enabled": pin.is_some(),
        "is_on_biz_app": on_biz_app,
        "last_onboarded_time": "2026-01-15T09:30:00+0000",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "messaging_limit_tier": null,
        "webhook_configuration": {},
        "username": null,
        "health_status": {"can_send_message": if *registered { "AVAILABLE" } else { "BLOCKED" }},
    })
}

/// The fields of a number that were asked for.
pub(super) fn select(node: &Value, asked: Option<&str>) -> Result<Value, GraphError> {
    fields::select(node, "WhatsAppBusinessPhoneNumber", asked, &DEFAULT_FIELDS)
}
