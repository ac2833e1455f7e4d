//! `/_webhooks`: where they go, how deliveries went, and a way to send any bytes at all as one.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{Body, Problem};
use crate::meta::hooks::{Receipt, post_signed};
use crate::meta::{World, wire};

/// One body to deliver once: a JSON value written as Meta writes it, or exact text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Injection {
    value: Option<Value>,
    raw: Option<String>,
    /// Sent instead of the right signature.
    signature: Option<String>,
}

pub(super) async fn show(State(world): State<World>) -> Json<Value> {
    let report = world.queue().report();
    Json(report)
}

/// Where webhooks shall go from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Direction {
    url: String,
}

/// Changes the address, as the owner of the app does in Meta's dashboard.
pub(super) async fn direct(
    State(world): State<World>,
    Body(Direction { url }): Body<Direction>,
) -> Json<Value> {
    world.set_webhook_url(url.as_str());
    Json(json!({"url": url}))
}

pub(super) async fn inject(
    State(world): State<World>,
    Body(injection): Body<Injection>,
) -> Result<Json<Value>, Problem> {
    let Injection { value, raw, signature } = injection;
    let body = match (value, raw) {
        (Some(value), None) => wire::to_json(&value),
        (None, Some(raw)) => raw,
        _ => return Err(Problem::bad("give either value or raw")),
    };
    let Receipt { status, body } =
        post_signed(&world, body, signature).await.map_err(Problem::gateway)?;
    Ok(Json(json!({"status": status, "body": body})))
}
