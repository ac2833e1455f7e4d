//! `PUT /api/templates/:id/purpose`: what the pick uses a template's name for.

use axum::{
    Json,
    extract::{Path, State},
};
use linkojob_proto::v1::{self as pb, SetTemplatePurposeRequest, SetTemplatePurposeResponse};
use utoipa::ToSchema;

use super::model::{Template, TemplatePurpose};
use crate::{
    api::{Body, Fields, FromFields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// The purpose; null takes it away.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPurpose {
    #[schema(required)]
    purpose: Option<TemplatePurpose>,
}

impl FromFields for SetPurpose {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        if !fields.contains("purpose") {
            fields.wrong("purpose", "is required");
        }
        let purpose = fields.nullable("purpose", TemplatePurpose::check).flatten();
        fields.finish(|| Some(Self { purpose }))
    }
}

/// Gives a purpose to a template's name, moving it from another name.
#[utoipa::path(
    put,
    path = "/api/templates/{id}/purpose",
    tag = "templates",
    params(("id" = String, Path)),
    request_body = SetPurpose,
    responses(
        (status = 200, description = "the template", body = Template),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_purpose(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(template_id): Path<String>,
    Body { asked: SetPurpose { purpose }, value: _ }: Body<SetPurpose>,
) -> Result<Json<Template>, Problem> {
    let purpose = purpose.map_or(pb::TemplatePurpose::Unspecified, Into::into).into();
    let request = SetTemplatePurposeRequest { owner: caller.owner(), template_id, purpose };
    let answer = gateway.core.set_template_purpose(&caller.call(), request).await?;
    let SetTemplatePurposeResponse { template } = answer;
    Ok(Json(template.try_into()?))
}
