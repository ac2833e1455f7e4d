//! `POST /api/messages/template`: opens a conversation, or its window again.

use axum::{Json, extract::State, http::StatusCode};
use linkojob_proto::v1::{
    SendTemplateRequest, SendTemplateResponse, TemplateChoice, TemplateVariable,
};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    model::Message,
    target::{self, Target},
};
use crate::{
    api::{Body, Fields, FromFields, Idempotency, clients::update::language, fields},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

const ENDPOINT: &str = "POST /api/messages/template";
const MAX_VARIABLES: usize = 100;
const MAX_VARIABLE: usize = 1024;
const MAX_NAME: usize = 512;

/// A template to send.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendTemplate, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body; `SendTemplate` is what is read from it")]
pub struct SendTemplateBody {
    /// E.164; exactly one of this and `conversationId`.
    #[schema(example = "+14155550123")]
    to: Option<String>,
    conversation_id: Option<String>,
    /// Names the candidate, and fills the only variable or `candidate_name` when it is lacking.
    #[schema(example = "Ana")]
    candidate_name: Option<String>,
    variables: Option<Variables>,
    /// Else the client's setting, else the only approved one.
    language: Option<String>,
    /// Overrides the pick, not the window rule.
    template: Option<ChosenTemplate>,
}

/// By name, or in order.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the two forms of a field")]
pub enum Variables {
    /// By name.
    Named(std::collections::BTreeMap<String, String>),
    /// In the template's order.
    Positional(Vec<String>),
}

/// A template by name.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenTemplate {
    name: String,
    language: Option<String>,
}

pub(crate) struct SendTemplate {
    target: Target,
    candidate_name: Option<String>,
    variables: Vec<TemplateVariable>,
    language: Option<String>,
    template: Option<ChosenTemplate>,
}

impl FromFields for SendTemplate {
    fn from_fields(mut fields: Fields) -> Result<Self, Problem> {
        let target = Target::read(&mut fields);
        let candidate_name = fields.optional("candidateName", candidate_name);
        let variables = fields.optional("variables", variables).unwrap_or_default();
        let chosen_language = fields.optional("language", language);
        let template = fields.object("template", |fields| {
            let name = fields.required("name", template_name);
            let language = fields.optional("language", language);
            Some(ChosenTemplate { name: name?, language })
        });
        fields.finish(|| {
            let (target, language) = (target?, chosen_language);
            Some(Self { target, candidate_name, variables, language, template })
        })
    }
}

fn candidate_name(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let length = text.chars().count();
    let fits = (1..=200).contains(&length) && !text.trim().is_empty();
    if fits && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err("must be 1 to 200 characters on one line")
    }
}

fn template_name(value: Value) -> Result<String, &'static str> {
    let text = fields::string(value)?;
    let fits = (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits { Ok(text) } else { Err("must be a template's name: a-z, 0-9 and _") }
}

fn variables(value: Value) -> Result<Vec<TemplateVariable>, &'static str> {
    let variables: Vec<TemplateVariable> = match value {
        Value::Object(named) => named
            .into_iter()
            .map(|(name, value)| variable(name, value))
            .collect::<Result<_, _>>()?,
        Value::Array(listed) => (1..)
            .zip(listed)
            .map(|(number, value)| variable(number.to_string(), value))
            .collect::<Result<_, _>>()?,
        _ => return Err("must be an object or an array of strings"),
    };
    if variables.len() > MAX_VARIABLES {
        return Err("must be at most 100");
    }
    Ok(variables)
}

fn variable(name: String, value: Value) -> Result<TemplateVariable, &'static str> {
    let value = fields::string(value).map_err(|_| "must be an object or an array of strings")?;
    let fits =
        (1..=64).contains(&name.len()) && (1..=MAX_VARIABLE).contains(&value.chars().count());
    if fits {
        Ok(TemplateVariable { name, value })
    } else {
        Err("must have names of 1 to 64 and values of 1 to 1024 characters")
    }
}

/// Sends a template; the customer service window must be closed.
#[utoipa::path(
    post,
    path = "/api/messages/template",
    tag = "messages",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters; the same key and body are the same message")),
    request_body = SendTemplateBody,
    responses(
        (status = 200, description = "sent by an earlier request with this key", body = Message),
        (status = 201, description = "accepted by Meta", body = Message),
        (status = 202, description = "recorded; the outcome comes as an event", body = Message),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send_template(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Idempotency,
    Body { asked, value }: Body<SendTemplate>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let SendTemplate { target, candidate_name, variables, language, template } = asked;
    let template = template.map(|ChosenTemplate { name, language }| TemplateChoice {
        name,
        language: language.unwrap_or_default(),
    });
    let request = SendTemplateRequest {
        options: Some(target::options(&caller, key, ENDPOINT, &value, target, None)),
        candidate_name,
        variables,
        language: language.unwrap_or_default(),
        template,
    };
    let answer = gateway.core.send_template(&caller.call(), request).await?;
    let SendTemplateResponse { message, replayed } = answer;
    Ok(target::answer(message.try_into()?, replayed))
}
