//! `POST /api/clients/me/register`: a number that has a PIN already.

use axum::{Json, extract::State};
use linkojob_proto::v1::{RegisterNumberRequest, RegisterNumberResponse};
use serde_json::Value;
use utoipa::ToSchema;

use super::model::Client;
use crate::{
    api::{Body, Fields, FromFields, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// The PIN that the number has at Meta.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterNumber {
    /// Six digits.
    #[schema(example = "123456")]
    pin: String,
}

impl FromFields for RegisterNumber {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let pin = fields.required("pin", pin);
        fields.finish(|| Some(Self { pin: pin? }))
    }
}

fn pin(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value).map_err(|_| "must be a string of six digits")?;
    let fits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text) } else { Err("must be six digits") }
}

/// Registers the owner's number at Meta with the PIN that it has.
#[utoipa::path(
    post,
    path = "/api/clients/me/register",
    tag = "clients",
    request_body = RegisterNumber,
    responses(
        (status = 200, description = "the client", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked: RegisterNumber { pin }, value: _ }: Body<RegisterNumber>,
) -> Result<Json<Client>, Problem> {
    let request = RegisterNumberRequest { owner: caller.owner(), pin };
    let answer = gateway.core.register_number(&caller.call(), request).await?;
    let RegisterNumberResponse { client } = answer;
    Ok(Json(client.try_into()?))
}
