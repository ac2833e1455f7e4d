//! `GET /health/live`: the process lives.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `ok`.
    status: &'static str,
}

/// Answers as long as the process can.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operations",
    security(()),
    responses((status = 200, description = "the process lives", body = Live))
)]
pub(crate) async fn live() -> Json<Live> {
    Json(Live { status: "ok" })
}
