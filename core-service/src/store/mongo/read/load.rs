//! The rows of footprints, found in one state of the store.
//!
//! What is asked of one collection is one query, and all queries are one round trip. Only conversations
//! of messages that were found, and that nobody asked for, take a second one.
//!
//! Invariant: every row goes to its owner, and none is given twice. An owner may be given a row of their
//! own that only another one's footprint named, by its id: a decision is right with it, too.

use std::collections::{BTreeSet, HashMap};

use mongodb::bson::doc;
use uuid::Uuid;

use super::{
    super::{
        db::{Db, Find},
        field::CONVERSATIONS,
    },
    among,
    asks::{Ask, asks},
    found,
    found::Kind,
    look::Look,
};
use crate::{
    domain::owner::Owner,
    store::{Footprint, Rows, StoreError},
};

/// Rows that somebody wants to see.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Whose.
    pub(super) owner: Owner,
    /// Which.
    pub(super) footprint: Footprint,
}

/// The rows of owners, by their names.
pub(super) type ByOwner = HashMap<String, Rows>;

/// Finds the rows of footprints of different owners.
pub(super) async fn look_up(db: &Db, wanted: &[&Wanted]) -> Result<ByOwner, StoreError> {
    let mut rows: ByOwner =
        wanted.iter().map(|one| (one.owner.as_str().to_owned(), Rows::default())).collect();
    let asks = asks(wanted);
    let follows_messages = asks.iter().any(|ask| ask.kind == Kind::Message);
    let mut finds = asks.into_iter().map(Ask::into_find);
    let Some(first) = finds.next() else { return Ok(rows) };
    let others: Vec<Find> = finds.collect();
    if others.is_empty() && !follows_messages {
        // One query is one look by itself.
        found::take(&mut rows, &db.find(first).await?)?;
        return Ok(rows);
    }
    let mut look = Look::new(db).await?;
    let all = if others.is_empty() {
        look.find(first).await?
    } else {
        look.find_all(first, others).await?
    };
    found::take(&mut rows, &all)?;

    let asked = wanted.iter().flat_map(|one| &one.footprint.conversations).map(|id| id.uuid());
    let found = rows.values().flat_map(|rows| &rows.conversations).map(|row| row.id.uuid());
    let seen: BTreeSet<Uuid> = asked.chain(found).collect();
    let messages = rows.values().flat_map(|rows| &rows.messages);
    let of_messages: BTreeSet<Uuid> = messages
        .map(|row| row.conversation_id.uuid())
        .filter(|conversation| !seen.contains(conversation))
        .collect();
    if !of_messages.is_empty() {
        let find = Find::all(CONVERSATIONS, doc! { "_id": among(of_messages) });
        found::take(&mut rows, &look.find(find).await?)?;
    }
    Ok(rows)
}
