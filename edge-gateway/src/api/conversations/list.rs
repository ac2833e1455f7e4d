//! `GET /api/conversations`: newest activity first.

use axum::{Json, extract::State};
use linkojob_proto::v1::{ListConversationsRequest, ListConversationsResponse};
use serde_json::Value;

use super::model::Conversation;
use crate::{
    api::{Page, Params, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

const MAX_SEARCH: usize = 100;

/// Lists the owner's conversations.
#[utoipa::path(
    get,
    path = "/api/conversations",
    tag = "conversations",
    params(
        ("limit" = Option<i32>, Query, description = "1 to 100, default 25"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
        ("unread" = Option<bool>, Query, description = "only those with unread messages"),
        ("search" = Option<String>, Query, description = "words of the candidate's name, or digits of the number"),
    ),
    responses(
        (status = 200, description = "a page", body = Page<Conversation>),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    mut params: Params,
) -> Result<Json<Page<Conversation>>, Problem> {
    let request = ListConversationsRequest {
        owner: caller.owner(),
        page_size: params.limit(),
        page_token: params.cursor("cursor"),
        unread: params.flag("unread"),
        search: params.text("search", search).unwrap_or_default(),
    };
    params.finish()?;
    let answer = gateway.core.list_conversations(&caller.call(), request).await?;
    let ListConversationsResponse { conversations, next_page_token } = answer;
    let conversations =
        conversations.into_iter().map(Conversation::try_from).collect::<Result<_, _>>()?;
    Ok(Json(Page::new(conversations, next_page_token)))
}

fn search(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    if text.chars().count() > MAX_SEARCH {
        return Err("must be at most 100 characters");
    }
    Ok(text)
}
