//! `PATCH /api/conversations/:id/read`.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{MarkReadRequest, MarkReadResponse};
use utoipa::ToSchema;

use super::model::Conversation;
use crate::{
    api::{Body, Fields, FromFields, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// How far the recruiter has read.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct MarkRead {
    /// The last message read; absent: everything.
    up_to: Option<String>,
}

impl FromFields for MarkRead {
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let up_to = fields.optional("upTo", fields::id);
        fields.finish(|| Some(Self { up_to }))
    }
}

/// Sets the unread count to zero, or to what came after `upTo`.
#[utoipa::path(
    patch,
    path = "/api/conversations/{id}/read",
    tag = "conversations",
    params(("id" = String, Path)),
    request_body = Option<MarkRead>,
    responses(
        (status = 200, description = "the conversation", body = Conversation),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation_id): Path<String>,
    Body { asked: MarkRead { up_to }, value: _ }: Body<MarkRead>,
) -> Result<Json<Conversation>, Problem> {
    let up_to = up_to.unwrap_or_default();
    let request = MarkReadRequest { owner: caller.owner(), conversation_id, up_to };
    let MarkReadResponse { conversation } = gateway.core.mark_read(&caller.call(), request).await?;
    Ok(Json(conversation.try_into()?))
}
