//! `/{waba}/subscribed_apps`: whether our app hears anything about an account.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use crate::meta::World;
use crate::meta::error::GraphError;

pub(super) async fn list(
    State(world): State<World>,
    caller: Caller,
    Path((_, waba_id)): Path<(String, String)>,
) -> Result<Answer, GraphError> {
    let subscribed = caller.waba(&mut world.state(), "GET", &waba_id)?.subscribed;
    let app = json!({"whatsapp_business_api_data": {
        "id": world.app_id(), "name": "LinkoJob sandbox", "link": "https://www.facebook.com/",
    }});
    Ok(Answer(json!({"data": if subscribed { vec![app] } else { Vec::new() }})))
}

pub(super) async fn subscribe(
    State(world): State<World>,
    caller: Caller,
    Path((_, waba_id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Answer, GraphError> {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if asked.get("override_callback_uri").is_some() {
        // Refused instead of ignored: webhooks would silently go to another place than asked.
        return Err(GraphError::parameter("override_callback_uri is not simulated"));
    }
    set(&world, &caller, "POST", &waba_id, true)
}

pub(super) async fn unsubscribe(
    State(world): State<World>,
    caller: Caller,
    Path((_, waba_id)): Path<(String, String)>,
) -> Result<Answer, GraphError> {
    set(&world, &caller, "DELETE", &waba_id, false)
}

fn set(
    world: &World,
    caller: &Caller,
    method: &str,
    waba_id: &str,
    subscribed: bool,
) -> Result<Answer, GraphError> {
    caller.waba(&mut world.state(), method, waba_id)?.subscribed = subscribed;
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}
