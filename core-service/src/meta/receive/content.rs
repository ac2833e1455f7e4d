//! What a message says, for each of its types.
//!
//! Invariant: a type that is new, or lacks what belongs to it, is unsupported and kept whole.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use super::{
    super::{error::Fault, peek},
    media,
};
use crate::domain::{
    content::{Content, Location, MediaKind, MessageType, Raw, Reaction, Reply, Text, Unsupported},
    ids::Wamid,
};

/// The longest reason that is kept, in characters.
const REASON: usize = 300;

/// Reads the content, and under which type it goes on.
pub(super) fn read(message: &Value, raw: &RawValue) -> (MessageType, Content) {
    let word = peek::text(message, "type");
    let kind = word.as_deref().and_then(MessageType::parse);
    match kind.and_then(|kind| Some((kind, form(kind, message, raw)?))) {
        Some(read) => read,
        None => {
            let reason = reason(message, word.as_deref(), kind);
            let unsupported = Unsupported { reason, raw: raw.get().to_owned() };
            (MessageType::Unsupported, Content::Unsupported(unsupported))
        }
    }
}

fn form(kind: MessageType, message: &Value, raw: &RawValue) -> Option<Content> {
    let part = message.get(kind.as_str());
    match kind {
        MessageType::Text => text(part?),
        MessageType::Image => media::read(MediaKind::Image, part?),
        MessageType::Video => media::read(MediaKind::Video, part?),
        MessageType::Audio => media::read(MediaKind::Audio, part?),
        MessageType::Document => media::read(MediaKind::Document, part?),
        MessageType::Sticker => media::read(MediaKind::Sticker, part?),
        MessageType::Location => location(part?),
        MessageType::Button => button(part?),
        MessageType::Reaction => reaction(part?),
        MessageType::Interactive => reply(part?).or_else(|| kept(raw, kind.as_str())),
        MessageType::Contacts | MessageType::Order | MessageType::System => {
            kept(raw, kind.as_str())
        }
        // The candidate opened the chat and said nothing.
        MessageType::RequestWelcome => Some(Content::Raw(Raw { json: "{}".to_owned() })),
        MessageType::Template | MessageType::Unsupported => None,
    }
}

fn text(part: &Value) -> Option<Content> {
    Some(Content::Text(Text { text: peek::text(part, "body")?, preview_url: false }))
}

fn location(part: &Value) -> Option<Content> {
    Some(Content::Location(Location {
        latitude: peek::decimal(part, "latitude")?,
        longitude: peek::decimal(part, "longitude")?,
        name: peek::text(part, "name"),
        address: peek::text(part, "address"),
        url: peek::text(part, "url"),
    }))
}

/// The quick reply of a template.
fn button(part: &Value) -> Option<Content> {
    let title = peek::text(part, "text")?;
    let id = peek::text(part, "payload").unwrap_or_else(|| title.clone());
    Some(Content::Reply(Reply {
        kind: "button".to_owned(),
        id,
        title,
        description: None,
        response_json: None,
    }))
}

/// The answer to a button, a list or a flow; `None` for other interactive kinds.
fn reply(part: &Value) -> Option<Content> {
    let kind = peek::text(part, "type")?;
    let answer = part.get(&kind)?;
    let (id, title) = match kind.as_str() {
        "button_reply" | "list_reply" => ("id", "title"),
        "nfm_reply" => ("name", "body"),
        _ => return None,
    };
    Some(Content::Reply(Reply {
        id: peek::text(answer, id).unwrap_or_default(),
        title: peek::text(answer, title).unwrap_or_default(),
        description: peek::text(answer, "description"),
        response_json: peek::text(answer, "response_json"),
        kind,
    }))
}

/// Taken back: the emoji is empty or absent.
fn reaction(part: &Value) -> Option<Content> {
    let wamid = Wamid::parse(&peek::text(part, "message_id")?).ok()?;
    let emoji = peek::text(part, "emoji").unwrap_or_default();
    Some(Content::Reaction(Reaction { message_id: None, wamid, emoji }))
}

/// Meta's own object, letter by letter.
fn kept(raw: &RawValue, key: &str) -> Option<Content> {
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let json = parts.get(key)?.get();
    let is_something = json.starts_with(['{', '[']);
    is_something.then(|| Content::Raw(Raw { json: json.to_owned() }))
}

/// Why a message cannot be shown: what Meta says, else what we see.
fn reason(message: &Value, word: Option<&str>, kind: Option<MessageType>) -> String {
    if let Some(fault) = peek::list(message, "errors").iter().find_map(Fault::read) {
        return peek::line(&fault.reason.details, REASON);
    }
    let hidden = message.get("unsupported").and_then(|what| peek::text(what, "type"));
    let words = match (word, kind, hidden) {
        (_, _, Some(hidden)) => format!("WhatsApp does not pass on messages of type {hidden}"),
        (None, _, None) => "the message has no type".to_owned(),
        (Some("unsupported" | "unknown"), _, None) => "WhatsApp does not pass it on".to_owned(),
        (Some(word), None, None) => format!("messages of type {word} are not known here"),
        (Some(word), Some(_), None) => format!("a message of type {word} without its content"),
    };
    peek::line(&words, REASON)
}
