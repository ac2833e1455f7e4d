//! The envelope of a message request.

use serde_json::{Map, Value};

use crate::meta::error::GraphError;
use crate::meta::number::{WaNumber, is_user_id};

const MAX_OPAQUE: usize = 512;
/// Members beside the object that is named like the type.
const KNOWN: [&str; 11] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
    "recipient_identity_key_hash",
    "status",
    "message_id",
    "typing_indicator",
];

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// To send a message.
    Send(Send),
    /// To show a message as read.
    Read(Receipt),
}

/// A message to send.
#[derive(Debug)]
pub(super) struct Send {
    pub(super) to: Target,
    pub(super) kind: String,
    pub(super) content: Value,
    pub(super) reply_to: Option<String>,
    pub(super) opaque: Option<String>,
}

/// Whom it is for.
#[derive(Debug)]
pub(super) enum Target {
    /// A dialled number: as it was given, and as Meta registered it.
    Number { input: String, number: WaNumber },
    /// A business-scoped user id.
    User(String),
}

/// A read receipt.
#[derive(Debug)]
pub(super) struct Receipt {
    pub(super) message_id: String,
    pub(super) typing: bool,
}

impl Asked {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, GraphError> {
        let parsed: Value = serde_json::from_slice(body)
            .map_err(|_| GraphError::parameter("The body is not valid JSON"))?;
        let Value::Object(body) = parsed else {
            return Err(GraphError::parameter("The body must be a JSON object"));
        };
        if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
            return Err(GraphError::parameter("The parameter messaging_product is required."));
        }
        if body.contains_key("status") {
            Receipt::parse(&body).map(Self::Read)
        } else {
            Send::parse(&body).map(Self::Send)
        }
    }

    /// `wa_id` of the person a message is for.
    pub(super) fn person(&self) -> Option<String> {
        match self {
            Self::Send(Send { to: Target::Number { number, .. }, .. }) => Some(number.to_string()),
            Self::Send(Send { to: Target::User(_), .. }) | Self::Read(_) => None,
        }
    }
}

impl Receipt {
    fn parse(body: &Map<String, Value>) -> Result<Self, GraphError> {
        if body["status"] != "read" {
            return Err(GraphError::parameter("Param status must be one of {READ}"));
        }
        let typing = body.get("typing_indicator");
        if typing.is_some_and(|typing| typing["type"] != "text") {
            return Err(GraphError::parameter("Param typing_indicator['type'] must be 'text'"));
        }
        let message_id = body.get("message_id").and_then(Value::as_str);
        let message_id = message_id
            .ok_or_else(|| GraphError::parameter("The parameter message_id is required."))?;
        Ok(Self { message_id: message_id.to_owned(), typing: typing.is_some() })
    }
}

impl Send {
    fn parse(body: &Map<String, Value>) -> Result<Self, GraphError> {
        let kind = match body.get("type") {
            None => "text",
            Some(kind) => {
                kind.as_str().ok_or_else(|| GraphError::parameter("Param type must be a string"))?
            }
        };
        let stray = body.keys().find(|key| !KNOWN.contains(&key.as_str()) && *key != kind);
        if let Some(stray) = stray {
            return Err(GraphError::parameter(format!(
                "Unexpected key \"{stray}\" on param \"root\""
            )));
        }
        match body.get("recipient_type").map_or(Some("individual"), Value::as_str) {
            Some("individual") => {}
            _ => {
                return Err(GraphError::parameter("Param recipient_type must be individual"));
            }
        }
        Ok(Self {
            to: target(body)?,
            kind: kind.to_owned(),
            content: body.get(kind).cloned().unwrap_or_default(),
            reply_to: reply_to(body)?,
            opaque: opaque(body)?,
        })
    }
}

fn target(body: &Map<String, Value>) -> Result<Target, GraphError> {
    // A number as JSON number is taken too, and comes back as a string.
    let to = body.get("to").and_then(|to| match to {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    // If both are given, the number wins.
    if let Some(input) = to.filter(|to| !to.is_empty()) {
        let number = WaNumber::parse(&input).ok_or_else(|| {
            GraphError::of(131_009).details("Param to is not a valid WhatsApp number")
        })?;
        return Ok(Target::Number { input, number });
    }
    match body.get("recipient").and_then(Value::as_str) {
        Some(user) if is_user_id(user) => Ok(Target::User(user.to_owned())),
        Some(_) => Err(GraphError::of(131_009).details("Param recipient is not a user id")),
        None => Err(GraphError::parameter("The parameter to is required.")),
    }
}

fn reply_to(body: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    let Some(context) = body.get("context") else {
        return Ok(None);
    };
    match context["message_id"].as_str().filter(|id| id.starts_with("wamid.")) {
        Some(id) => Ok(Some(id.to_owned())),
        None => Err(GraphError::of(131_009).details("context.message_id is not a message id")),
    }
}

fn opaque(body: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    match body.get("biz_opaque_callback_data") {
        None => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= MAX_OPAQUE => Ok(Some(text.clone())),
        Some(_) => Err(GraphError::parameter(
            "Param biz_opaque_callback_data must be a string of at most 512 characters",
        )),
    }
}
