//! `GET /api/conversations/:id/window`: the customer service window, now.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{self as pb, GetWindowRequest, GetWindowResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Malformed, Params, templates::model::TemplatePurpose, time_or_none, word},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Whether free text may be sent, and which template would be picked otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    conversation_id: String,
    open: bool,
    expires_at: Option<String>,
    remaining_seconds: i64,
    next_template: Option<TemplatePurpose>,
}

impl TryFrom<GetWindowResponse> for Window {
    type Error = Malformed;

    fn try_from(window: GetWindowResponse) -> Result<Self, Malformed> {
        let GetWindowResponse {
            conversation_id,
            open,
            expires_at,
            remaining_seconds,
            next_template,
        } = window;
        let next_template = word::<pb::TemplatePurpose>(next_template, "window.next_template")?;
        Ok(Self {
            conversation_id,
            open,
            expires_at: time_or_none(expires_at, "window.expires_at")?,
            remaining_seconds,
            next_template: TemplatePurpose::from_core(next_template),
        })
    }
}

/// Computes the window.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/window",
    tag = "conversations",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "the window", body = Window),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn window(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation_id): Path<String>,
    params: Params,
) -> Result<Json<Window>, Problem> {
    params.finish()?;
    let request = GetWindowRequest { owner: caller.owner(), conversation_id };
    let window = gateway.core.get_window(&caller.call(), request).await?;
    Ok(Json(window.try_into()?))
}
