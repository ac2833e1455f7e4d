//! `GET /supervision/connectivity`: what can be reached from here.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::health::CoreHealth;
use crate::{
    api::Params,
    core,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// What can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connectivity {
    /// A core answers.
    core: bool,
    /// Its store answers.
    store: bool,
    /// Meta answers the core; null when the core does not know.
    meta: Option<bool>,
    /// Every core by itself.
    cores: Vec<CoreHealth>,
}

/// For administrators.
#[utoipa::path(
    get,
    path = "/supervision/connectivity",
    tag = "operations",
    responses(
        (status = 200, description = "what can be reached", body = Connectivity),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn connectivity(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<Json<Connectivity>, Problem> {
    caller.require_administrator()?;
    params.finish()?;
    let (store, meta) = tokio::join!(gateway.core.part("store"), gateway.core.part("meta"));
    Ok(Json(Connectivity {
        core: gateway.core.states().any(|(_, state)| state != core::State::Away),
        // A core without a part of that name says with its own health whether its store is there.
        store: store.unwrap_or_else(|| gateway.core.is_ready()),
        meta,
        cores: CoreHealth::all(&gateway.core),
    }))
}
