//! `GET /health/ready`: requests can be served.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::gateway::Gateway;

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// `ok` or `unavailable`.
    status: &'static str,
}

/// 503 while no core serves, which is so while the core or its store is away.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operations",
    security(()),
    responses(
        (status = 200, description = "serves", body = Ready),
        (status = 503, description = "the core or the store is away", body = Ready),
    )
)]
pub(crate) async fn ready(State(gateway): State<Gateway>) -> (StatusCode, Json<Ready>) {
    if gateway.core.is_ready() && !gateway.realtime.is_draining() {
        (StatusCode::OK, Json(Ready { status: "ok" }))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(Ready { status: "unavailable" }))
    }
}
