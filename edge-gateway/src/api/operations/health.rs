//! `GET /supervision/health`: what this edge sees and carries.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Params,
    core::Core,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// What this edge sees and carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` when at least one core serves, else `unavailable`.
    status: &'static str,
    version: &'static str,
    cores: Vec<CoreHealth>,
    /// Open sockets and event streams.
    sockets: usize,
    /// Owners who have at least one.
    owners: usize,
}

/// One core as this edge sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoreHealth {
    url: String,
    /// `serving`, `not serving` or `away`.
    state: &'static str,
}

impl CoreHealth {
    /// Every core.
    pub(super) fn all(core: &Core) -> Vec<Self> {
        core.states()
            .map(|(url, state)| Self { url: url.to_owned(), state: state.as_str() })
            .collect()
    }
}

/// For administrators.
#[utoipa::path(
    get,
    path = "/supervision/health",
    tag = "operations",
    responses(
        (status = 200, description = "what this edge sees", body = Health),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn health(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<Json<Health>, Problem> {
    caller.require_administrator()?;
    params.finish()?;
    Ok(Json(Health {
        status: if gateway.core.is_ready() { "ok" } else { "unavailable" },
        version: env!("CARGO_PKG_VERSION"),
        cores: CoreHealth::all(&gateway.core),
        sockets: gateway.realtime.sockets(),
        owners: gateway.realtime.owners(),
    }))
}
