//! The exact body of every form.

use super::*;
use crate::domain::{
    content::{MediaState, Reaction, Reply, Unsupported},
    identity::{PhoneNumber, UserId},
    ids::Wamid,
};

fn ana() -> Identity {
    Identity::Phone(PhoneNumber::from_digits("4915112345678").unwrap())
}

fn wamid() -> Wamid {
    Wamid::parse("wamid.HBgLANSWERED").unwrap()
}

/// The body to Ana without the parts that all bodies share.
fn part(kind: MessageType, content: &Content) -> Value {
    let to = ana();
    let message = Outgoing { to: &to, kind, content, context: None, opaque: "o" };
    let Value::Object(mut body) = of(message).unwrap() else { panic!("an object") };
    for shared in ["messaging_product", "recipient_type", "to", "biz_opaque_callback_data"] {
        assert!(body.remove(shared).is_some(), "{shared}");
    }
    Value::Object(body)
}

fn text() -> Content {
    Content::Text(Text { text: "Hallo Ana 👋".to_owned(), preview_url: true })
}

fn variables(names: [&str; 2]) -> Vec<Variable> {
    let values = names.into_iter().zip(["Ana", "Backend"]);
    values
        .map(|(name, value)| Variable { name: name.to_owned(), value: value.to_owned() })
        .collect()
}

fn template_of(named: bool, variables: Vec<Variable>) -> Content {
    Content::Template(TemplateText {
        name: "initiate".to_owned(),
        language: "en_US".to_owned(),
        variables,
        named,
        text: "Hi Ana, about Backend".to_owned(),
    })
}

fn file(kind: MediaKind, media_id: Option<&str>) -> Content {
    Content::Media(Media {
        kind,
        media_id: media_id.map(str::to_owned),
        mime_type: "application/pdf".to_owned(),
        filename: Some("cv.pdf".to_owned()),
        caption: Some("My CV".to_owned()),
        size: Some(1),
        sha256: None,
        state: MediaState::Stored,
        voice: false,
        animated: false,
    })
}

#[test]
fn a_whole_text_that_answers() {
    let (to, context) = (ana(), wamid());
    let content = text();
    let kind = MessageType::Text;
    let message =
        Outgoing { to: &to, kind, content: &content, context: Some(&context), opaque: "v1.abc" };
    assert_eq!(
        of(message).unwrap(),
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+4915112345678",
            "type": "text",
            "text": {"body": "Hallo Ana 👋", "preview_url": true},
            "context": {"message_id": "wamid.HBgLANSWERED"},
            "biz_opaque_callback_data": "v1.abc",
        })
    );
}

#[test]
fn a_user_id_is_a_recipient_and_never_a_number() {
    let to = Identity::User(UserId::parse("BR.1502576394655843").unwrap());
    let content = text();
    let message = Outgoing {
        to: &to,
        kind: MessageType::Text,
        content: &content,
        context: None,
        opaque: "o",
    };
    let body = of(message).unwrap();
    assert_eq!(body["recipient"], "BR.1502576394655843");
    assert_eq!(body.get("to"), None);
    assert_eq!(body.get("context"), None);
}

#[test]
fn templates() {
    let head = json!({"name": "initiate", "language": {"code": "en_US"}});
    let with = |parameters: Value| {
        let mut template = head.clone();
        template["components"] = json!([{"type": "body", "parameters": parameters}]);
        json!({"type": "template", "template": template})
    };
    assert_eq!(
        part(MessageType::Template, &template_of(false, variables(["1", "2"]))),
        with(json!([{"type": "text", "text": "Ana"}, {"type": "text", "text": "Backend"}]))
    );
    assert_eq!(
        part(MessageType::Template, &template_of(true, variables(["candidate", "role"]))),
        with(json!([
            {"type": "text", "parameter_name": "candidate", "text": "Ana"},
            {"type": "text", "parameter_name": "role", "text": "Backend"},
        ]))
    );
    assert_eq!(
        part(MessageType::Template, &template_of(false, vec![])),
        json!({"type": "template", "template": head})
    );
}

#[test]
fn files_say_only_what_their_kind_may() {
    let cases = [
        (MediaKind::Image, "image", json!({"id": "77", "caption": "My CV"})),
        (MediaKind::Video, "video", json!({"id": "77", "caption": "My CV"})),
        (MediaKind::Audio, "audio", json!({"id": "77"})),
        (MediaKind::Sticker, "sticker", json!({"id": "77"})),
        (
            MediaKind::Document,
            "document",
            json!({"id": "77", "caption": "My CV", "filename": "cv.pdf"}),
        ),
    ];
    for (kind, word, body) in cases {
        let sent = part(type_of(kind), &file(kind, Some("77")));
        assert_eq!(sent, json!({"type": word, word: body}));
    }
}

#[test]
fn a_reaction_and_its_removal_never_quote() {
    for emoji in ["👍", ""] {
        let content = Content::Reaction(Reaction {
            message_id: None,
            wamid: wamid(),
            emoji: emoji.to_owned(),
        });
        let (to, context) = (ana(), wamid());
        let kind = MessageType::Reaction;
        let body =
            of(Outgoing { to: &to, kind, content: &content, context: Some(&context), opaque: "o" })
                .unwrap();
        assert_eq!(body["reaction"], json!({"message_id": "wamid.HBgLANSWERED", "emoji": emoji}));
        assert_eq!(body.get("context"), None);
    }
}

#[test]
fn places() {
    let mut place =
        Location { latitude: 52.5, longitude: -13.25, name: None, address: None, url: None };
    assert_eq!(
        part(MessageType::Location, &Content::Location(place.clone())),
        json!({"type": "location", "location": {"latitude": 52.5, "longitude": -13.25}})
    );
    place.name = Some("Office".to_owned());
    place.address = Some("Street 1".to_owned());
    assert_eq!(
        part(MessageType::Location, &Content::Location(place))["location"],
        json!({"latitude": 52.5, "longitude": -13.25, "name": "Office", "address": "Street 1"})
    );
}

#[test]
fn metas_own_objects_go_out_as_they_are() {
    let raw = |json: &str| Content::Raw(Raw { json: json.to_owned() });
    assert_eq!(
        part(MessageType::Interactive, &raw(r#"{"type":"button","body":{"text":"?"}}"#)),
        json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}}})
    );
    assert_eq!(
        part(MessageType::Contacts, &raw(r#"[{"name":{"formatted_name":"Ana"}}]"#)),
        json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]})
    );
}

#[test]
fn what_cannot_be_sent_is_refused_before_meta_is_asked() {
    let reply = Content::Reply(Reply {
        kind: "button".to_owned(),
        id: "1".to_owned(),
        title: "Yes".to_owned(),
        description: None,
        response_json: None,
    });
    let unsupported =
        Content::Unsupported(Unsupported { reason: String::new(), raw: "{}".to_owned() });
    let cases = [
        (MessageType::Button, reply),
        (MessageType::Unsupported, unsupported),
        (MessageType::Text, file(MediaKind::Image, Some("77"))),
        (MessageType::Image, file(MediaKind::Video, Some("77"))),
        (MessageType::Image, file(MediaKind::Image, None)),
        (MessageType::Template, text()),
        (MessageType::Contacts, Content::Raw(Raw { json: "{".to_owned() })),
        (MessageType::System, Content::Raw(Raw { json: "{}".to_owned() })),
    ];
    let to = ana();
    for (kind, content) in &cases {
        let message = Outgoing { to: &to, kind: *kind, content, context: None, opaque: "o" };
        let outcome: SendOutcome = of(message).expect_err(kind.as_str()).into();
        let SendOutcome::Refused { class: Refused::Permanent, reason } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(reason.code, 0);
    }
}
