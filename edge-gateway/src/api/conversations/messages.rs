//! `GET /api/conversations/:id/messages`: newest first.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{ListMessagesRequest, ListMessagesResponse};

use crate::{
    api::{Page, Params, messages::model::Message},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Lists a conversation's messages.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(
        ("id" = String, Path),
        ("limit" = Option<i32>, Query, description = "1 to 100, default 25"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "a page", body = Page<Message>),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn messages(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation_id): Path<String>,
    mut params: Params,
) -> Result<Json<Page<Message>>, Problem> {
    let (page_size, page_token) = (params.limit(), params.cursor("cursor"));
    params.finish()?;
    let owner = caller.owner();
    let request = ListMessagesRequest { owner, conversation_id, page_size, page_token };
    let answer = gateway.core.list_messages(&caller.call(), request).await?;
    let ListMessagesResponse { messages, next_page_token } = answer;
    let messages = messages.into_iter().map(Message::try_from).collect::<Result<_, _>>()?;
    Ok(Json(Page::new(messages, next_page_token)))
}
