//! `DELETE /api/clients/me`: the connection goes, its history stays.

use axum::{extract::State, http::StatusCode};
use linkojob_proto::v1::{DeleteClientRequest, DeleteClientResponse};

use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Deletes the owner's client softly.
#[utoipa::path(
    delete,
    path = "/api/clients/me",
    tag = "clients",
    responses(
        (status = 204, description = "deleted"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<StatusCode, Problem> {
    params.finish()?;
    let request = DeleteClientRequest { owner: caller.owner() };
    let DeleteClientResponse {} = gateway.core.delete_client(&caller.call(), request).await?;
    Ok(StatusCode::NO_CONTENT)
}
