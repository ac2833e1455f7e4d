//! `/_script`: how the platform shall misbehave.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{Body, Problem};
use crate::meta::World;
use crate::meta::script::{MAX_RULES, Rule, SettingsPatch};

/// Rules to add and settings to change.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wanted {
    rules: Vec<Rule>,
    settings: SettingsPatch,
}

pub(super) async fn show(State(world): State<World>) -> Json<Value> {
    Json(describe(&world))
}

pub(super) async fn add(
    State(world): State<World>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    let Wanted { rules, settings } = wanted;
    {
        let mut script = world.script();
        if script.rules.len() + rules.len() > MAX_RULES {
            return Err(Problem::conflict(format!("no more than {MAX_RULES} rules")));
        }
        script.add(rules, settings);
    }
    // What waited may be due now.
    world.wake_queue();
    Ok(Json(describe(&world)))
}

/// Forgets the rules and lets go what they held back; settings stay.
pub(super) async fn clear(State(world): State<World>) -> Json<Value> {
    world.script().rules.clear();
    world.queue().release(world.clock().now_ms());
    world.wake_queue();
    Json(describe(&world))
}

fn describe(world: &World) -> Value {
    let script = world.script();
    json!({"rules": script.rules, "settings": script.settings})
}
