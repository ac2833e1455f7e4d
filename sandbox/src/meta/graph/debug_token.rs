//! `debug_token`: what a token is good for, asked by the app it belongs to.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::{self, Caller};
use crate::meta::World;
use crate::meta::error::GraphError;

pub(super) async fn debug_token(
    State(world): State<World>,
    _caller: Caller,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Answer, GraphError> {
    let token = query
        .get("input_token")
        .ok_or_else(|| GraphError::parameter("The parameter input_token is required."))?;
    Ok(Answer(json!({"data": describe(&world, token)})))
}

fn describe(world: &World, token: &str) -> Value {
    let mut data = json!({
        "app_id": world.app_id(), "application": "LinkoJob sandbox", "type": "SYSTEM_USER",
        "is_valid": true, "data_access_expires_at": 0, "expires_at": 0,
    });
    let verdict = auth::judge(world, token);
    if let Some(known) = world.state().tokens.get(token) {
        data["issued_at"] = json!(known.issued_at);
        data["expires_at"] = json!(known.expires_at);
    }
    match verdict {
        Err(error) => {
            let error = error.to_value();
            data["is_valid"] = json!(false);
            data["scopes"] = json!([]);
            data["error"] = json!({
                "code": error["code"], "message": error["message"], "subcode": error["error_subcode"],
            });
        }
        Ok(Caller::App) => data["type"] = json!("APP"),
        Ok(Caller::Business { waba_id }) => {
            data["user_id"] = json!("122102290129340");
            data["scopes"] = json!([
                "whatsapp_business_management",
                "whatsapp_business_messaging",
                "public_profile",
            ]);
            data["granular_scopes"] = json!([
                {"scope": "whatsapp_business_management", "target_ids": [waba_id]},
                {"scope": "whatsapp_business_messaging", "target_ids": [waba_id]},
            ]);
        }
    }
    data
}
