//! `GET /api/conversations/:id`.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{GetConversationRequest, GetConversationResponse};

use super::model::Conversation;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Reads one conversation.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "the conversation", body = Conversation),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation_id): Path<String>,
    params: Params,
) -> Result<Json<Conversation>, Problem> {
    params.finish()?;
    let request = GetConversationRequest { owner: caller.owner(), conversation_id };
    let answer = gateway.core.get_conversation(&caller.call(), request).await?;
    let GetConversationResponse { conversation } = answer;
    Ok(Json(conversation.try_into()?))
}
