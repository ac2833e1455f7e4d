//! `GET /api/clients`: the caller's client; for administrators all.

use axum::{Json, extract::State};
use linkojob_proto::v1::{ListClientsRequest, ListClientsResponse};

use super::model::Client;
use crate::{
    api::{Page, Params},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Lists live clients, oldest first.
#[utoipa::path(
    get,
    path = "/api/clients",
    tag = "clients",
    params(
        ("limit" = Option<i32>, Query, description = "1 to 100, default 25"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "a page", body = Page<Client>),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    mut params: Params,
) -> Result<Json<Page<Client>>, Problem> {
    let (page_size, page_token) = (params.limit(), params.cursor("cursor"));
    params.finish()?;
    let request = ListClientsRequest { owner: caller.owner(), page_size, page_token };
    let answer = gateway.core.list_clients(&caller.call(), request).await?;
    let ListClientsResponse { clients, next_page_token } = answer;
    let clients = clients.into_iter().map(Client::try_from).collect::<Result<_, _>>()?;
    Ok(Json(Page::new(clients, next_page_token)))
}
