//! The body of a send, for every form that can be sent.
//!
//! Invariant: a number goes out with its `+`, as Meta would otherwise guess the country; a
//! business-scoped user id goes out in its own field.

use serde_json::{Map, Value, json};

use super::{Outgoing, Refused, SendOutcome};
use crate::domain::{
    content::{
        Content, Location, Media, MediaKind, MessageType, Raw, TemplateText, Text, Variable,
    },
    identity::Identity,
    refusal::MetaReason,
};

/// The message has a form that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsendable(String);

impl From<Unsendable> for SendOutcome {
    fn from(Unsendable(details): Unsendable) -> Self {
        let reason = MetaReason { details, ..MetaReason::default() };
        Self::Refused { class: Refused::Permanent, reason }
    }
}

/// The body of the request.
pub(super) fn of(message: Outgoing<'_>) -> Result<Value, Unsendable> {
    let Outgoing { to, kind, content, context, opaque } = message;
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("messaging_product", json!("whatsapp"));
    put("recipient_type", json!("individual"));
    match to {
        Identity::Phone(number) => put("to", json!(number.to_string())),
        Identity::User(user) => put("recipient", json!(user.as_str())),
    };
    put("type", json!(kind.as_str()));
    put(kind.as_str(), form(kind, content)?);
    // A reaction names its message itself; Meta refuses or ignores a second one.
    if let Some(context) = context.filter(|_| kind != MessageType::Reaction) {
        put("context", json!({"message_id": context.as_str()}));
    }
    put("biz_opaque_callback_data", json!(opaque));
    Ok(Value::Object(body))
}

/// What stands under the type's name.
fn form(kind: MessageType, content: &Content) -> Result<Value, Unsendable> {
    match (kind, content) {
        (MessageType::Text, Content::Text(Text { text, preview_url })) => {
            Ok(json!({"body": text, "preview_url": preview_url}))
        }
        (MessageType::Template, Content::Template(template)) => Ok(self::template(template)),
        (MessageType::Reaction, Content::Reaction(reaction)) => {
            Ok(json!({"message_id": reaction.wamid.as_str(), "emoji": reaction.emoji}))
        }
        (MessageType::Location, Content::Location(place)) => Ok(location(place)),
        (MessageType::Interactive | MessageType::Contacts, Content::Raw(Raw { json })) => {
            serde_json::from_str(json).map_err(|_| Unsendable("the message is no JSON".to_owned()))
        }
        (kind, Content::Media(file)) if kind == type_of(file.kind) => media(file),
        (kind, _) => {
            Err(Unsendable(format!("a message of type {} cannot be sent so", kind.as_str())))
        }
    }
}

const fn type_of(kind: MediaKind) -> MessageType {
    match kind {
        MediaKind::Image => MessageType::Image,
        MediaKind::Video => MessageType::Video,
        MediaKind::Audio => MessageType::Audio,
        MediaKind::Document => MessageType::Document,
        MediaKind::Sticker => MessageType::Sticker,
    }
}

fn template(template: &TemplateText) -> Value {
    let TemplateText { name, language, variables, named, text: _ } = template;
    let mut body = json!({"name": name, "language": {"code": language}});
    if !variables.is_empty() {
        let parameters: Vec<Value> = variables
            .iter()
            .map(|Variable { name, value }| {
                if *named {
                    json!({"type": "text", "parameter_name": name, "text": value})
                } else {
                    json!({"type": "text", "text": value})
                }
            })
            .collect();
        body["components"] = json!([{"type": "body", "parameters": parameters}]);
    }
    body
}

fn location(place: &Location) -> Value {
    let Location { latitude, longitude, name, address, url: _ } = place;
    let mut body = json!({"latitude": latitude, "longitude": longitude});
    set(&mut body, "name", name.as_ref());
    set(&mut body, "address", address.as_ref());
    body
}

fn media(file: &Media) -> Result<Value, Unsendable> {
    let Media {
        kind,
        media_id,
        mime_type: _,
        filename,
        caption,
        size: _,
        sha256: _,
        state: _,
        voice,
        animated: _,
    } = file;
    let Some(id) = media_id else {
        return Err(Unsendable("the file was not uploaded to Meta".to_owned()));
    };
    let mut body = json!({"id": id});
    if *voice {
        body["voice"] = json!(true);
    }
    if !matches!(kind, MediaKind::Audio | MediaKind::Sticker) {
        set(&mut body, "caption", caption.as_ref());
    }
    if *kind == MediaKind::Document {
        set(&mut body, "filename", filename.as_ref());
    }
    Ok(body)
}

fn set(body: &mut Value, key: &str, value: Option<&String>) {
    if let Some(value) = value {
        body[key] = json!(value);
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
