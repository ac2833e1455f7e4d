//! One sample of every form of content.

use super::samples::{uuid, wamid};
use crate::domain::{
    content::{
        Content, Location, Media, MediaKind, MediaState, MessageType, Raw, Reaction, Reply,
        TemplateText, Text, Unsupported, Variable,
    },
    ids::MessageId,
};

/// Every form of content, by the name of its form.
pub(super) fn contents() -> Vec<(&'static str, MessageType, Content)> {
    written().into_iter().chain(received()).collect()
}

/// Forms of content that we write, by the name of the form.
fn written() -> Vec<(&'static str, MessageType, Content)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("text", MessageType::Text, Content::Text(Text { text: text("Hi"), preview_url: true })),
        (
            "media",
            MessageType::Document,
            Content::Media(Media {
                kind: MediaKind::Document,
                media_id: Some(text("1037543291543636")),
                mime_type: text("application/pdf"),
                filename: Some(text("cv.pdf")),
                caption: Some(text("My CV")),
                size: Some(120_000),
                sha256: Some(text("00ff")),
                state: MediaState::Pending,
                voice: true,
                animated: true,
            }),
        ),
        (
            "template",
            MessageType::Template,
            Content::Template(TemplateText {
                name: text("initiate"),
                language: text("en_US"),
                variables: vec![Variable { name: text("1"), value: text("Ana") }],
                named: false,
                text: text("Hi Ana"),
            }),
        ),
    ]
}

/// Forms of content that candidates send.
fn received() -> Vec<(&'static str, MessageType, Content)> {
    let text = |text: &str| text.to_owned();
    vec![
        (
            "reply",
            MessageType::Interactive,
            Content::Reply(Reply {
                kind: text("list_reply"),
                id: text("yes"),
                title: text("Yes"),
                description: Some(text("I am in")),
                response_json: Some(text("{}")),
            }),
        ),
        (
            "reaction",
            MessageType::Reaction,
            Content::Reaction(Reaction {
                message_id: Some(MessageId::new(uuid(5))),
                wamid: wamid(),
                emoji: text("👍"),
            }),
        ),
        (
            "location",
            MessageType::Location,
            Content::Location(Location {
                latitude: 52.52,
                longitude: 13.405,
                name: Some(text("Office")),
                address: Some(text("Some street 1")),
                url: Some(text("https://office.example")),
            }),
        ),
        ("raw", MessageType::Contacts, Content::Raw(Raw { json: text("[]") })),
        (
            "unsupported",
            MessageType::Unsupported,
            Content::Unsupported(Unsupported { reason: text("unknown type"), raw: text("{}") }),
        ),
    ]
}
