//! `POST /api/clients`: connect.

use axum::{Json, extract::State, http::StatusCode};
use linkojob_proto::v1::{CreateClientRequest, CreateClientResponse};
use serde_json::Value;
use utoipa::ToSchema;

use super::model::Client;
use crate::{
    api::{Body, Fields, FromFields, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

const MAX_LABEL: usize = 100;
const MAX_TOKEN: usize = 4096;

/// A connection to make: the last three together, or none of them to wait for OAuth.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct CreateClient {
    /// At most 100 characters.
    label: Option<String>,
    phone_number_id: Option<String>,
    waba_id: Option<String>,
    access_token: Option<String>,
}

impl FromFields for CreateClient {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let ids = ["phoneNumberId", "wabaId", "accessToken"];
        if ids.iter().any(|name| fields.has(name)) {
            for name in ids {
                if !fields.has(name) {
                    fields.wrong(name, "is required together with the other two");
                }
            }
        }
        let label = fields.optional("label", label);
        let phone_number_id = fields.optional("phoneNumberId", fields::meta_id);
        let waba_id = fields.optional("wabaId", fields::meta_id);
        let access_token = fields.optional("accessToken", token);
        fields.finish(|| Some(Self { label, phone_number_id, waba_id, access_token }))
    }
}

/// A label: a short line.
pub(super) fn label(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    if text.chars().count() > MAX_LABEL || text.chars().any(char::is_control) {
        return Err("must be at most 100 characters on one line");
    }
    Ok(text)
}

fn token(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let fits = (1..=MAX_TOKEN).contains(&text.len());
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err("must be an access token")
    }
}

/// Connects the caller's number, or prepares the connection.
///
/// 200 when an existing client was connected again, 201 when one was made.
#[utoipa::path(
    post,
    path = "/api/clients",
    tag = "clients",
    request_body = CreateClient,
    responses(
        (status = 200, description = "connected again", body = Client),
        (status = 201, description = "made", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked, value: _ }: Body<CreateClient>,
) -> Result<(StatusCode, Json<Client>), Problem> {
    let CreateClient { label, phone_number_id, waba_id, access_token } = asked;
    let owner = caller.owner();
    let request = CreateClientRequest { owner, label, phone_number_id, waba_id, access_token };
    let answer = gateway.core.create_client(&caller.call(), request).await?;
    let CreateClientResponse { client, created } = answer;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(client.try_into()?)))
}
