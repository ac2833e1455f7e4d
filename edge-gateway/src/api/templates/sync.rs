//! `POST /api/templates/sync`: pull all pages from Meta.

use axum::{Json, extract::State};
use linkojob_proto::v1::{SyncTemplatesRequest, SyncTemplatesResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Body, Fields, FromFields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Nothing: `{}` or no body.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncTemplates {}

impl FromFields for SyncTemplates {
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: Fields) -> Result<Self, Problem> {
        fields.finish(|| Some(Self {}))
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Synced {
    /// Templates at Meta now.
    total: i32,
    /// Of those, new or different from before.
    changed: i32,
}

/// Brings the owner's templates up to date.
#[utoipa::path(
    post,
    path = "/api/templates/sync",
    tag = "templates",
    request_body = Option<SyncTemplates>,
    responses(
        (status = 200, description = "what was found", body = Synced),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sync(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked: SyncTemplates {}, value: _ }: Body<SyncTemplates>,
) -> Result<Json<Synced>, Problem> {
    let request = SyncTemplatesRequest { owner: caller.owner() };
    let answer = gateway.core.sync_templates(&caller.call(), request).await?;
    let SyncTemplatesResponse { total, changed } = answer;
    Ok(Json(Synced { total, changed }))
}
