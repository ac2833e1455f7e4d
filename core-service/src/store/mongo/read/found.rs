//! Rows of several kinds in one answer.
//!
//! Invariant: a row is read as the kind whose mark it has; every query asks for its kind's mark.

use mongodb::bson::{Document, RawDocument, doc};

use super::super::{
    db::Found,
    field::{self, CLIENTS, CONVERSATIONS, MESSAGES, Name, ORPHANS, TEMPLATES},
};
use crate::store::{Rows, StoreError};

/// What a footprint is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Clients.
    Client,
    /// Conversations.
    Conversation,
    /// Messages.
    Message,
    /// Templates.
    Template,
    /// Parked statuses.
    Orphan,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Client, Self::Conversation, Self::Message, Self::Template, Self::Orphan];

    /// Where rows of this kind are.
    pub(super) const fn of(self) -> Name {
        match self {
            Self::Client => CLIENTS,
            Self::Conversation => CONVERSATIONS,
            Self::Message => MESSAGES,
            Self::Template => TEMPLATES,
            Self::Orphan => ORPHANS,
        }
    }

    /// A field that all rows of this kind have, and those of no other.
    const fn mark(self) -> &'static str {
        match self {
            Self::Client => "live",
            Self::Conversation => "activity",
            Self::Message => "inbound",
            Self::Template => "language",
            Self::Orphan => "created",
        }
    }

    /// The fields to ask for.
    pub(super) fn fields(self) -> Document {
        doc! { "_id": 0, "body": 1, self.mark(): 1 }
    }
}

/// Takes what was found to the rows of its kind.
pub(super) fn take(rows: &mut Rows, found: &Found) -> Result<(), StoreError> {
    found.read(|row| add(rows, row)).map(|_| ())
}

fn add(rows: &mut Rows, row: &RawDocument) -> Result<(), StoreError> {
    let has = |kind: &Kind| matches!(row.get(kind.mark()), Ok(Some(_)));
    match Kind::ALL.into_iter().find(has) {
        Some(Kind::Client) => rows.clients.push(field::body(row)?),
        Some(Kind::Conversation) => rows.conversations.push(field::body(row)?),
        Some(Kind::Message) => rows.messages.push(field::body(row)?),
        Some(Kind::Template) => rows.templates.push(field::body(row)?),
        Some(Kind::Orphan) => rows.orphans.push(field::body(row)?),
        None => return Err(StoreError::Corrupt("a row is of no kind".to_owned())),
    }
    Ok(())
}
