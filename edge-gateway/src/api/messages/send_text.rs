//! `POST /api/messages/text`: free text within the window.

use axum::{Json, extract::State, http::StatusCode};
use linkojob_proto::v1::{SendTextRequest, SendTextResponse};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    model::Message,
    target::{self, Target},
};
use crate::{
    api::{Body, Fields, FromFields, Idempotency, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

const ENDPOINT: &str = "POST /api/messages/text";
const MAX_TEXT: usize = 4096;

/// Text to send.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendText, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body; `SendText` is what is read from it")]
pub struct SendTextBody {
    /// E.164; exactly one of this and `conversationId`.
    #[schema(example = "+14155550123")]
    to: Option<String>,
    conversation_id: Option<String>,
    /// 1 to 4096 characters.
    #[schema(example = "Hello Ana")]
    text: String,
    /// Ask WhatsApp to show a preview of the first link.
    preview_url: Option<bool>,
    /// Our id of the message that this one answers.
    reply_to: Option<String>,
}

pub(crate) struct SendText {
    target: Target,
    text: String,
    preview_url: bool,
    reply_to: Option<String>,
}

impl FromFields for SendText {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let target = Target::read(&mut fields);
        let text = fields.required("text", text);
        let preview_url = fields.optional("previewUrl", fields::boolean).unwrap_or_default();
        let reply_to = fields.optional("replyTo", fields::id);
        fields.finish(|| Some(Self { target: target?, text: text?, preview_url, reply_to }))
    }
}

fn text(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return Err("must be 1 to 4096 characters");
    }
    Ok(text)
}

/// Sends text; the customer service window must be open.
#[utoipa::path(
    post,
    path = "/api/messages/text",
    tag = "messages",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters; the same key and body are the same message")),
    request_body = SendTextBody,
    responses(
        (status = 200, description = "sent by an earlier request with this key", body = Message),
        (status = 201, description = "accepted by Meta", body = Message),
        (status = 202, description = "recorded; the outcome comes as an event", body = Message),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send_text(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Idempotency,
    Body { asked, value }: Body<SendText>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let SendText { target, text, preview_url, reply_to } = asked;
    let options = Some(target::options(&caller, key, ENDPOINT, &value, target, reply_to));
    let request = SendTextRequest { options, text, preview_url };
    let answer = gateway.core.send_text(&caller.call(), request).await?;
    let SendTextResponse { message, replayed } = answer;
    Ok(target::answer(message.try_into()?, replayed))
}
