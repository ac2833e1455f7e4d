//! `/_app`: our app, as its owner sets it up in Meta's dashboard.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::problem::{Body, Problem};
use crate::meta::World;
use crate::meta::oauth::{App, AppPatch};

pub(super) async fn show(State(world): State<World>) -> Json<Value> {
    let app = world.state().app.clone();
    Json(describe(&world, &app))
}

pub(super) async fn change(
    State(world): State<World>,
    Body(patch): Body<AppPatch>,
) -> Result<Json<Value>, Problem> {
    let app = {
        let mut state = world.state();
        state.app.apply(patch).map_err(|error| Problem::bad(error.to_string()))?;
        state.app.clone()
    };
    Ok(Json(describe(&world, &app)))
}

fn describe(world: &World, app: &App) -> Value {
    let mut shown = json!(app);
    shown["appId"] = json!(world.app_id());
    shown
}
