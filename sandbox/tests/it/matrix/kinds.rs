//! What every field of every operation names, and what a request says in it when nothing is tried with
//! it.
//!
//! Invariant: a field that is not listed here fails the test, and so does a line that no field has.

use std::collections::BTreeSet;

use super::document::{Field, Operation, Place};

/// What a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whose things.
    Owner,
    Client,
    /// A conversation; one whose window is open, or is closed, as the operation wants it.
    Conversation,
    Message,
    Template,
    /// The name of a template, which only some clients have.
    TemplateName,
    /// A candidate's number.
    Candidate,
    /// Where a list goes on.
    Page,
    /// Where a log goes on.
    Cursor,
    /// An idempotency key.
    Key,
    /// The state of a consent.
    State,
    /// What a browser keeps during a consent.
    BrowserSecret,
    /// A business number at Meta.
    Number,
    /// A business account at Meta.
    Account,
    /// The token that goes with them.
    Token,
    /// What a person got for consenting at Meta.
    Code,
    /// Names nothing; a request says this in it, as JSON. Empty: it is left out.
    Plain(&'static str),
    /// Meta has signed it, or has been told it: not the caller's word.
    Signed,
}

/// What fields name: by where they stand and their last name, in a path by what stands before it.
const KINDS: &[(Place, &str, Kind)] = &[
    (Place::Path, "clients", Kind::Client),
    (Place::Path, "conversations", Kind::Conversation),
    (Place::Path, "messages", Kind::Message),
    (Place::Path, "templates", Kind::Template),
    (Place::Query, "owner", Kind::Owner),
    (Place::Query, "state", Kind::State),
    (Place::Query, "code", Kind::Plain("\"code\"")),
    (Place::Query, "error", Kind::Plain("")),
    (Place::Cookie, "__Host-wa_oauth", Kind::BrowserSecret),
    (Place::Query, "cursor", Kind::Page),
    (Place::Query, "after", Kind::Cursor),
    (Place::Query, "search", Kind::Plain("")),
    (Place::Query, "status", Kind::Plain("")),
    (Place::Query, "purpose", Kind::Plain("")),
    (Place::Query, "hub.mode", Kind::Signed),
    (Place::Query, "hub.verify_token", Kind::Signed),
    (Place::Query, "hub.challenge", Kind::Signed),
    (Place::Header, "Last-Event-ID", Kind::Cursor),
    (Place::Header, "Idempotency-Key", Kind::Key),
    (Place::Header, "X-Hub-Signature-256", Kind::Signed),
    (Place::Body, "", Kind::Signed),
    (Place::Body, "signed_request", Kind::Signed),
    (Place::Body, "conversationId", Kind::Conversation),
    (Place::Body, "to", Kind::Candidate),
    (Place::Body, "replyTo", Kind::Message),
    (Place::Body, "upTo", Kind::Message),
    (Place::Body, "template.name", Kind::TemplateName),
    (Place::Body, "template.language", Kind::Plain("")),
    (Place::Body, "phoneNumberId", Kind::Number),
    (Place::Body, "wabaId", Kind::Account),
    (Place::Body, "accessToken", Kind::Token),
    (Place::Body, "code", Kind::Code),
    (Place::Body, "label", Kind::Plain("\"Berlin\"")),
    (Place::Body, "settings.templateLanguage", Kind::Plain("")),
    (Place::Body, "pin", Kind::Plain("\"123456\"")),
    (Place::Body, "text", Kind::Plain("\"hello\"")),
    (Place::Body, "candidateName", Kind::Plain("\"Ana\"")),
    (Place::Body, "language", Kind::Plain("")),
    (Place::Body, "variables", Kind::Plain("")),
    (Place::Body, "purpose", Kind::Plain("null")),
];

impl Kind {
    fn line(operation: &Operation, field: &Field) -> Option<usize> {
        let name = match field.place {
            Place::Path => {
                let (before, _) = operation.path.split_once("/{").expect("a parameter");
                before.rsplit('/').next().unwrap_or_default()
            }
            Place::Query | Place::Header | Place::Cookie | Place::Body => &field.name,
        };
        KINDS.iter().position(|(place, known, _)| (*place, *known) == (field.place, name))
    }

    pub fn of(operation: &Operation, field: &Field) -> Self {
        let line = Self::line(operation, field);
        KINDS[line.unwrap_or_else(|| panic!("{}: {field:?} is not covered", operation.name()))].2
    }

    /// True when a caller could try somebody else's in it.
    pub fn is_tried(self) -> bool {
        !matches!(self, Self::Plain(_) | Self::Signed | Self::Token | Self::Code)
    }
}

/// Claims that every field is thought of, and that nothing is thought of that is no field.
pub fn cover(operations: &[Operation]) {
    let (mut uncovered, mut used) = (Vec::new(), BTreeSet::new());
    for operation in operations {
        for field in &operation.fields {
            match Kind::line(operation, field) {
                Some(line) => _ = used.insert(line),
                None => uncovered.push((operation.name(), field)),
            }
        }
    }
    assert!(uncovered.is_empty(), "say in `KINDS` what these name: {uncovered:#?}");
    let idle = KINDS.iter().enumerate().filter(|(line, _)| !used.contains(line));
    let idle: Vec<_> = idle.map(|(_, line)| line).collect();
    assert!(idle.is_empty(), "no operation has these: {idle:#?}");
}
