//! `/{phone}/register` and `/deregister`: whether a number may send.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use crate::meta::World;
use crate::meta::account::BusinessNumber;
use crate::meta::error::GraphError;

/// Ten calls of either kind in 72 hours.
const MAX_CALLS: usize = 10;
const PERIOD_MS: i64 = 72 * 3_600_000;

pub(super) async fn register(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Answer, GraphError> {
    let asked: Value = serde_json::from_slice(&body)
        .map_err(|_| GraphError::parameter("The body is not valid JSON"))?;
    if asked["messaging_product"] != "whatsapp" {
        return Err(GraphError::parameter("The parameter messaging_product is required."));
    }
    let pin = asked["pin"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| asked["pin"].as_u64().map(|pin| pin.to_string()));
    let pin = pin
        .filter(|pin| pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| GraphError::parameter("Param pin must be 6 digits long"))?;
    let mut state = world.state();
    let number = caller.number(&mut state, "POST", &id)?;
    count(number, world.clock().now_ms())?;
    if !number.code_verified {
        return Err(GraphError::of(133_006).details("The number has not been verified"));
    }
    if number.pin.as_ref().is_some_and(|known| *known != pin) {
        return Err(GraphError::of(133_005).details("The PIN does not match the one that is set"));
    }
    number.pin = Some(pin);
    number.registered = true;
    // This is why nobody may register a number in coexistence.
    number.on_biz_app = false;
    drop(state);
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}

pub(super) async fn deregister(
    State(world): State<World>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Answer, GraphError> {
    let mut state = world.state();
    let number = caller.number(&mut state, "POST", &id)?;
    count(number, world.clock().now_ms())?;
    number.registered = false;
    drop(state);
    world.mark_changed();
    Ok(Answer(json!({"success": true})))
}

fn count(number: &mut BusinessNumber, now: i64) -> Result<(), GraphError> {
    number.registrations.retain(|at| *at > now - PERIOD_MS);
    if number.registrations.len() >= MAX_CALLS {
        return Err(GraphError::of(133_016));
    }
    number.registrations.push_back(now);
    Ok(())
}
