//! `debug_token`: what a token is good for, asked by the app it belongs to.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::{self, Caller};
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::oauth::{MANAGEMENT, MESSAGING, Token};

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

fn describe(world: &World, text: &str) -> Value {
    let mut data = json!({
        "app_id": world.app_id(), "application": "LinkoJob sandbox", "type": "SYSTEM_USER",
        "is_valid": true, "data_access_expires_at": 0, "expires_at": 0, "scopes": [],
    });
    let known = world.state().tokens.get(text).cloned();
    if let Some(token) = &known {
        data["issued_at"] = json!(token.issued_at);
        data["expires_at"] = json!(token.expires_at);
        data["user_id"] = json!(token.user_id);
        if let Some(foreign) = &token.foreign_app {
            data["app_id"] = json!(foreign);
            data["application"] = json!("Somebody else's app");
        }
    }
    match auth::judge(world, text) {
        Err(error) => {
            let error = error.to_value();
            data["is_valid"] = json!(false);
            data["error"] = json!({
                "code": error["code"], "message": error["message"], "subcode": error["error_subcode"],
            });
        }
        Ok(Caller::App) => data["type"] = json!("APP"),
        Ok(Caller::Business(token)) => {
            data["scopes"] = json!(token.scopes);
            data["granular_scopes"] = granular(&token);
        }
    }
    data
}

/// The scopes that are about accounts, each with the accounts it is granted for.
fn granular(token: &Token) -> Value {
    let about = |scope: &&String| matches!(scope.as_str(), MANAGEMENT | MESSAGING);
    let entry = |scope: &String| match token.tells_targets {
        true => json!({"scope": scope, "target_ids": token.waba_ids}),
        false => json!({"scope": scope}),
    };
    token.scopes.iter().filter(about).map(entry).collect()
}
