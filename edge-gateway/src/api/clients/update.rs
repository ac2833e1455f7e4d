//! `PUT /api/clients/me`: label and settings.

use axum::{Json, extract::State};
use linkojob_proto::v1::{ClientSettingsPatch, UpdateClientRequest, UpdateClientResponse};
use serde_json::Value;
use utoipa::ToSchema;

use super::{create::label, model::Client};
use crate::{
    api::{Body, Fields, FromFields, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// What to change; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateClient {
    /// At most 100 characters.
    label: Option<String>,
    settings: Option<UpdateSettings>,
}

/// Settings to change; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct UpdateSettings {
    send_read_receipts: Option<bool>,
    forward_typing: Option<bool>,
    /// Null clears it.
    #[schema(value_type = Option<String>)]
    template_language: Option<Option<String>>,
}

impl FromFields for UpdateClient {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let label = fields.optional("label", label);
        let settings = fields.object("settings", |fields| {
            Some(UpdateSettings {
                send_read_receipts: fields.optional("sendReadReceipts", fields::boolean),
                forward_typing: fields.optional("forwardTyping", fields::boolean),
                template_language: fields.nullable("templateLanguage", language),
            })
        });
        fields.finish(|| Some(Self { label, settings }))
    }
}

/// A language as Meta writes it, for instance `en_US`.
pub(crate) fn language(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let fits = (2..=16).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { Ok(text) } else { Err("must be a language such as en_US") }
}

impl From<UpdateSettings> for ClientSettingsPatch {
    fn from(settings: UpdateSettings) -> Self {
        let UpdateSettings { send_read_receipts, forward_typing, template_language } = settings;
        // An empty language clears it.
        let template_language = template_language.map(Option::unwrap_or_default);
        Self { send_read_receipts, forward_typing, template_language }
    }
}

/// Changes the owner's client.
#[utoipa::path(
    put,
    path = "/api/clients/me",
    tag = "clients",
    request_body = UpdateClient,
    responses(
        (status = 200, description = "the client", body = Client),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn update(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body { asked, value: _ }: Body<UpdateClient>,
) -> Result<Json<Client>, Problem> {
    let UpdateClient { label, settings } = asked;
    let settings = settings.map(ClientSettingsPatch::from);
    let request = UpdateClientRequest { owner: caller.owner(), label, settings };
    let UpdateClientResponse { client } =
        gateway.core.update_client(&caller.call(), request).await?;
    Ok(Json(client.try_into()?))
}
