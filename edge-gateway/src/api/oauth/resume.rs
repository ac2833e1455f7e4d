//! `POST /api/auth/whatsapp/resume`: a connection that stopped half-way goes on.

use axum::{Json, extract::State};
use linkojob_proto::v1::{ResumeOnboardingRequest, ResumeOnboardingResponse};
use utoipa::ToSchema;

use crate::{
    api::{Body, Fields, FromFields, clients::model::Client, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// What was to be chosen.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct Resume {
    /// One of the client's `onboarding.choices`.
    phone_number_id: Option<String>,
    /// The account, when the choice is between several.
    waba_id: Option<String>,
}

impl FromFields for Resume {
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let phone_number_id = fields.optional("phoneNumberId", fields::meta_id);
        let waba_id = fields.optional("wabaId", fields::meta_id);
        fields.finish(|| Some(Self { phone_number_id, waba_id }))
    }
}

/// Goes on with a connection that stopped half-way; doing it again is harmless.
#[utoipa::path(
    post,
    path = "/api/auth/whatsapp/resume",
    tag = "oauth",
    request_body = Option<Resume>,
    responses(
        (status = 200, description = "the client; one that is not `CONNECTED` says in `attention` what to do", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked: Resume { phone_number_id, waba_id }, value: _ }: Body<Resume>,
) -> Result<Json<Client>, Problem> {
    let request = ResumeOnboardingRequest { owner: caller.owner(), phone_number_id, waba_id };
    let answer = gateway.core.resume_onboarding(&caller.call(), request).await?;
    let ResumeOnboardingResponse { client } = answer;
    Ok(Json(client.try_into()?))
}
