//! `/_ledger`: what was accepted.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::problem::{Params, Problem};
use crate::meta::World;
use crate::meta::ledger::Filter;

pub(super) async fn show(
    State(world): State<World>,
    Params(filter): Params<Filter>,
) -> Result<Json<Value>, Problem> {
    let answer = world.state().ledger.answer(&filter);
    Ok(Json(answer))
}
