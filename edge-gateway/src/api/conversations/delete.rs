//! `DELETE /api/conversations/:id`: hidden until a new message opens it again.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use linkojob_proto::v1::{DeleteConversationRequest, DeleteConversationResponse};

use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Hides a conversation and all that is in it.
#[utoipa::path(
    delete,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path)),
    responses(
        (status = 204, description = "hidden"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation_id): Path<String>,
    params: Params,
) -> Result<StatusCode, Problem> {
    params.finish()?;
    let request = DeleteConversationRequest { owner: caller.owner(), conversation_id };
    let answer = gateway.core.delete_conversation(&caller.call(), request).await?;
    let DeleteConversationResponse {} = answer;
    Ok(StatusCode::NO_CONTENT)
}
