//! What a message says, by its type.

use linkojob_proto::v1::{self as pb, content::Form};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::api::{Malformed, present, word};

/// The form follows the message's `type`; what Meta's types have no form of ours for stays as Meta
/// sent it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Content {
    /// `text`
    Text(TextContent),
    /// `image`, `video`, `audio`, `document`, `sticker`
    Media(MediaContent),
    /// `template`
    Template(TemplateContent),
    /// `button`, `interactive`
    Reply(ReplyContent),
    /// `reaction`
    Reaction(ReactionContent),
    /// `location`
    Location(LocationContent),
    /// `unsupported`
    Unsupported(UnsupportedContent),
    /// Meta's own object.
    Raw(Value),
}

/// Plain text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextContent {
    text: String,
    preview_url: bool,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaContent {
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sha256: Option<String>,
    state: MediaState,
    /// Recorded in WhatsApp to be listened to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    voice: bool,
    /// A sticker that moves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    animated: bool,
    /// Where the bytes are, under this API.
    url: String,
}

/// Whether the bytes are ours yet.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MediaState {
    /// Not yet.
    Pending,
    /// They are.
    Stored,
    /// They will never be.
    Lost,
}

/// A template as it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateContent {
    name: String,
    language: String,
    /// By name; a positional one is named by its number.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    variables: Map<String, Value>,
    /// The body with its variables filled in.
    text: String,
}

/// The answer to a button, a list or a flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyContent {
    /// Meta's word.
    kind: String,
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<String>,
    /// A flow's answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    response: Option<Value>,
}

/// An emoji on a message; an empty one removes it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReactionContent {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message_id: Option<String>,
    wamid: String,
    emoji: String,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationContent {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    address: Option<String>,
    /// A page about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    url: Option<String>,
}

/// A message that this version cannot show.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnsupportedContent {
    reason: String,
    /// As Meta sent it.
    #[schema(value_type = Object)]
    raw: Value,
}

impl Content {
    /// Takes the message's id because a file's address is made of it, and its type.
    pub(super) fn from_core(
        content: pb::Content,
        message: &str,
        kind: &str,
    ) -> Result<Self, Malformed> {
        let pb::Content { form } = content;
        Ok(match present(form, "content.form")? {
            Form::Text(pb::TextContent { text, preview_url }) => {
                Self::Text(TextContent { text, preview_url })
            }
            Form::Media(media) => Self::Media(MediaContent::from_core(media, message)?),
            Form::Template(template) => Self::Template(template.into()),
            Form::Reply(reply) => Self::Reply(reply.into()),
            Form::Reaction(pb::ReactionContent { message_id, wamid, emoji }) => {
                Self::Reaction(ReactionContent { message_id, wamid, emoji })
            }
            Form::Location(pb::LocationContent { latitude, longitude, name, address, url }) => {
                Self::Location(LocationContent { latitude, longitude, name, address, url })
            }
            Form::Raw(pb::RawContent { json }) => Self::Raw(object(kind, embedded(json))),
            Form::Unsupported(pb::UnsupportedContent { reason, raw }) => {
                Self::Unsupported(UnsupportedContent { reason, raw: embedded(raw) })
            }
        })
    }
}

impl MediaContent {
    fn from_core(media: pb::MediaContent, message: &str) -> Result<Self, Malformed> {
        let pb::MediaContent {
            kind: _, // the message's type says it
            mime_type,
            filename,
            caption,
            size,
            sha256,
            state,
            voice,
            animated,
        } = media;
        let state = match word::<pb::MediaState>(state, "media.state")? {
            pb::MediaState::Unspecified => return Err(Malformed("media.state")),
            pb::MediaState::Pending => MediaState::Pending,
            pb::MediaState::Stored => MediaState::Stored,
            pb::MediaState::Lost => MediaState::Lost,
        };
        let url = format!("/api/messages/{message}/media");
        Ok(Self { mime_type, filename, caption, size, sha256, state, voice, animated, url })
    }
}

impl From<pb::TemplateContent> for TemplateContent {
    fn from(template: pb::TemplateContent) -> Self {
        let pb::TemplateContent { name, language, variables, text } = template;
        let variable = |pb::TemplateVariable { name, value }| (name, Value::from(value));
        Self { name, language, variables: variables.into_iter().map(variable).collect(), text }
    }
}

impl From<pb::ReplyContent> for ReplyContent {
    fn from(reply: pb::ReplyContent) -> Self {
        let pb::ReplyContent { kind, id, title, description, response_json } = reply;
        Self { kind, id, title, description, response: response_json.map(embedded) }
    }
}

/// Content is always an object; what is none at Meta, such as its list of contacts, stands in one under
/// the name that Meta gives it.
fn object(kind: &str, value: Value) -> Value {
    match value {
        Value::Object(_) => value,
        Value::Null => Value::Object(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Value::Object(Map::from_iter([(kind.to_owned(), value)]))
        }
    }
}

/// JSON within the message; what cannot be read is shown as the text that it is.
fn embedded(json: String) -> Value {
    serde_json::from_str(&json).unwrap_or(Value::String(json))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn content_of_any_type_is_an_object() {
        let content = |json: &str| {
            let form = Form::Raw(pb::RawContent { json: json.to_owned() });
            let content = Content::from_core(pb::Content { form: Some(form) }, "m1", "contacts");
            serde_json::to_value(content.expect("content")).expect("json")
        };
        assert_eq!(content(r#"[{"name":{}}]"#), json!({"contacts": [{"name": {}}]}));
        assert_eq!(content(r#"{"a":1}"#), json!({"a": 1}));
        assert_eq!(content("null"), json!({}));
    }
}
