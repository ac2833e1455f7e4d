//! `GET /api/clients/me`: the caller's own client.

use axum::{Json, extract::State};
use linkojob_proto::v1::{GetClientRequest, GetClientResponse};

use super::model::Client;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Reads the owner's live client.
#[utoipa::path(
    get,
    path = "/api/clients/me",
    tag = "clients",
    responses(
        (status = 200, description = "the client", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<Json<Client>, Problem> {
    params.finish()?;
    let request = GetClientRequest { owner: caller.owner(), client_id: String::new() };
    let GetClientResponse { client } = gateway.core.get_client(&caller.call(), request).await?;
    Ok(Json(client.try_into()?))
}
