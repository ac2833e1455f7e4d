//! `/_clock`: business time.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{Body, Params, Problem};
use crate::meta::World;
use crate::meta::clock::parse_span;

/// How long a question for a later offset stays open.
const PATIENCE: Duration = Duration::from_secs(25);

/// How far to move.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Move {
    advance: Option<String>,
    advance_ms: Option<u64>,
}

/// What the asker knows already.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    after: Option<i64>,
}

pub(super) async fn show(
    State(world): State<World>,
    Params(Known { after }): Params<Known>,
) -> Json<Value> {
    if let Some(after) = after {
        let mut offset = world.clock().watch();
        // Either answer is right: a later offset, or the same one after a while.
        let news = offset.wait_for(|offset| *offset != after);
        world.await_news(news, PATIENCE).await;
    }
    Json(describe(&world))
}

pub(super) async fn advance(
    State(world): State<World>,
    Body(Move { advance, advance_ms }): Body<Move>,
) -> Result<Json<Value>, Problem> {
    let span = match (advance.as_deref().map(parse_span), advance_ms) {
        (Some(Some(ms)), None) | (None, Some(ms)) => ms,
        _ => {
            return Err(Problem::bad(
                "give advance (\"90s\", \"15m\", \"25h\", \"2d\") or advanceMs",
            ));
        }
    };
    world.clock().advance(span);
    world.wake_queue();
    Ok(Json(describe(&world)))
}

fn describe(world: &World) -> Value {
    let clock = world.clock();
    json!({"now": super::super::phones::rfc3339(clock.now_ms()), "offsetMs": clock.offset_ms()})
}
