//! `GET /api/clients/:id`.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{GetClientRequest, GetClientResponse};

use super::model::Client;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Reads a client by its id.
#[utoipa::path(
    get,
    path = "/api/clients/{id}",
    tag = "clients",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "the client", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(client_id): Path<String>,
    params: Params,
) -> Result<Json<Client>, Problem> {
    params.finish()?;
    let request = GetClientRequest { owner: caller.owner(), client_id };
    let GetClientResponse { client } = gateway.core.get_client(&caller.call(), request).await?;
    Ok(Json(client.try_into()?))
}
