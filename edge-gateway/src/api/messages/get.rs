//! `GET /api/messages/:id`: one message with its full status history.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{GetMessageRequest, GetMessageResponse};

use super::model::Message;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Reads one message.
#[utoipa::path(
    get,
    path = "/api/messages/{id}",
    tag = "messages",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "the message", body = Message),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(message_id): Path<String>,
    params: Params,
) -> Result<Json<Message>, Problem> {
    params.finish()?;
    let request = GetMessageRequest { owner: caller.owner(), message_id };
    let GetMessageResponse { message } = gateway.core.get_message(&caller.call(), request).await?;
    Ok(Json(message.try_into()?))
}
