//! What every field of a request names, and what a request says in it when nothing is tried with it.
//!
//! Invariant: a field that is not listed here fails the test, and so does a line that no field has.

use std::collections::BTreeSet;

use super::api::{Api, Field};

/// What a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whose things.
    Owner,
    Client,
    /// A conversation; one whose window is open, or is closed, as the call wants it.
    Conversation,
    Message,
    Template,
    /// The name of a template, which only some clients have.
    TemplateName,
    /// A candidate's number.
    Candidate,
    /// Where a list goes on.
    PageToken,
    /// Where a log goes on.
    Cursor,
    /// An idempotency key.
    Key,
    /// An id that the caller has minted.
    Minted,
    /// The state of a consent.
    State,
    /// What a browser keeps during a consent.
    BrowserSecret,
    /// A business number at Meta.
    Number,
    /// A business account at Meta.
    Account,
    /// Names nothing; a request says this in it.
    Plain(&'static str),
    /// Meta has signed it, and the edge has checked that: it is not the caller's word.
    Signed(&'static str),
}

/// What fields name, by `field`, or by `Message.field` where the field alone does not say it.
const KINDS: &[(&str, Kind)] = &[
    ("owner", Kind::Owner),
    ("client_id", Kind::Client),
    ("conversation_id", Kind::Conversation),
    ("message_id", Kind::Message),
    ("SendOptions.message_id", Kind::Minted),
    ("up_to", Kind::Message),
    ("reply_to", Kind::Message),
    ("template_id", Kind::Template),
    ("TemplateChoice.name", Kind::TemplateName),
    ("to", Kind::Candidate),
    ("page_token", Kind::PageToken),
    ("after", Kind::Cursor),
    ("idempotency_key", Kind::Key),
    ("state", Kind::State),
    ("browser_secret", Kind::BrowserSecret),
    ("phone_number_id", Kind::Number),
    ("waba_id", Kind::Account),
    ("access_token", Kind::Plain("token")),
    ("code", Kind::Plain("code")),
    ("error", Kind::Plain("")),
    ("label", Kind::Plain("Berlin")),
    ("template_language", Kind::Plain("")),
    ("language", Kind::Plain("")),
    ("pin", Kind::Plain("123456")),
    ("text", Kind::Plain("hello")),
    ("fingerprint", Kind::Plain("")),
    ("candidate_name", Kind::Plain("Ana")),
    ("TemplateVariable.name", Kind::Plain("1")),
    ("value", Kind::Plain("Ana")),
    ("range_of", Kind::Plain("")),
    ("search", Kind::Plain("")),
    ("status", Kind::Plain("")),
    ("origin", Kind::Plain("tab")),
    ("body", Kind::Signed("{}")),
    ("user_id", Kind::Signed("10000000001")),
];

impl Kind {
    /// What this field names, if anybody has thought of it.
    fn find(field: &Field) -> Option<(&'static str, Self)> {
        let full = format!("{}.{}", field.message, field.name);
        let line = |name: &str| KINDS.iter().find(|(known, _)| *known == name).copied();
        line(&full).or_else(|| line(&field.name))
    }

    pub fn of(field: &Field) -> Self {
        Self::find(field).unwrap_or_else(|| panic!("{field:?} is not covered")).1
    }

    /// True when a caller could try somebody else's in it.
    pub fn is_tried(self) -> bool {
        !matches!(self, Self::Plain(_) | Self::Signed(_))
    }
}

#[test]
fn every_field_of_every_request_is_thought_of() {
    let api = Api::read();
    let fields: Vec<&Field> = api.calls.iter().flat_map(|call| &call.fields).collect();
    let uncovered: BTreeSet<_> = fields
        .iter()
        .filter(|field| Kind::find(field).is_none())
        .map(|field| format!("{}.{}", field.message, field.name))
        .collect();
    assert!(uncovered.is_empty(), "say in `KINDS` what these name: {uncovered:#?}");
    let used: BTreeSet<_> =
        fields.iter().filter_map(|field| Kind::find(field)).map(|l| l.0).collect();
    let idle: Vec<_> = KINDS.iter().filter(|(name, _)| !used.contains(name)).collect();
    assert!(idle.is_empty(), "no request has these: {idle:#?}");
    for field in fields {
        let name = &field.name;
        let id_like = ["_id", "_token", "_key", "owner", "cursor", "email"];
        let suspicious = id_like.iter().any(|end| name.ends_with(end)) && name != "access_token";
        let plain = matches!(Kind::of(field), Kind::Plain(_));
        assert!(!(suspicious && plain), "{field:?} looks like an id");
    }
}
