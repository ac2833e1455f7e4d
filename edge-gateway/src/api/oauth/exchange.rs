//! `POST /api/auth/whatsapp/exchange`: a code of Meta's popup.

use axum::{Json, extract::State};
use linkojob_proto::v1::{ExchangeCodeRequest, ExchangeCodeResponse};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{Body, Fields, FromFields, clients::model::Client, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// The longest code; Meta's have a few hundred characters.
const LONGEST: usize = 4096;

/// What the popup told the browser.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct ExchangeCode {
    /// Good for 30 seconds, once.
    code: String,
    /// Checked at Meta.
    phone_number_id: Option<String>,
    /// Checked at Meta.
    waba_id: Option<String>,
}

impl FromFields for ExchangeCode {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let code = fields.required("code", code);
        let phone_number_id = fields.optional("phoneNumberId", fields::meta_id);
        let waba_id = fields.optional("wabaId", fields::meta_id);
        fields.finish(|| Some(Self { code: code?, phone_number_id, waba_id }))
    }
}

fn code(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let fits =
        (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text) } else { Err("must be the code that Meta gave") }
}

/// Connects by a code of Meta's popup.
#[utoipa::path(
    post,
    path = "/api/auth/whatsapp/exchange",
    tag = "oauth",
    request_body = ExchangeCode,
    responses(
        (status = 200, description = "the client; one that is not `CONNECTED` says in `attention` what to do", body = Client),
        (status = 422, description = "Meta refused the code or its token, and nothing was stored; or a step after it, and the client's `attention` says which", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "Meta's answer was lost, and the code with it: start again", body = ProblemBody, content_type = "application/problem+json"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn exchange(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked: ExchangeCode { code, phone_number_id, waba_id }, value: _ }: Body<ExchangeCode>,
) -> Result<Json<Client>, Problem> {
    let request = ExchangeCodeRequest { owner: caller.owner(), code, phone_number_id, waba_id };
    let ExchangeCodeResponse { client } =
        gateway.core.exchange_code(&caller.call(), request).await?;
    Ok(Json(client.try_into()?))
}
