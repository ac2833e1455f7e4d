//! Rows of several kinds in one answer.
//!
//! Invariant: a row is read as the kind whose mark it has, and has no other.

use mongodb::bson::RawDocument;

use super::{
    super::{
        db::Found,
        field::{self, CLIENTS, CONVERSATIONS, MESSAGES, Name, ORPHANS, TEMPLATES},
    },
    load::ByOwner,
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
}

/// Takes what was found to the rows of its owner. What is of nobody who asked is left out: an id says
/// nothing of whose it is.
pub(super) fn take(rows: &mut ByOwner, found: &Found) -> Result<(), StoreError> {
    let take = |row: &RawDocument| {
        let owner = row.get_str("owner").map_err(|_| field::missing("row", "owner"))?;
        rows.get_mut(owner).map_or(Ok(()), |rows| add(rows, row))
    };
    found.read(take).map(|_| ())
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
