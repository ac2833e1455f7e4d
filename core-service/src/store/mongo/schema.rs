//! Collections and indexes: made at the start where they are missing, and verified.
//!
//! Invariant: the store serves only when every index below is there exactly as it is written here: the
//! unique ones are the contract, the others keep every query from reading what it does not return.
//!
//! A partial index is used only by queries that imply its filter. `{$gt: ""}` is implied by equality with
//! any text, ignores rows without the field, and ignores an empty list; `$type` is not implied, and
//! `$exists` counts `null`.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};

use super::{
    db::{Db, READ},
    error,
    field::{
        CLIENTS, CONSENTS, CONVERSATIONS, EVENTS, HEADS, HOLDERS, INBOX, LANES, MESSAGES, META,
        Name, ORPHANS, TEMPLATES, WAKES,
    },
};
use crate::store::StoreError;

/// The schema that this version writes.
pub(super) const VERSION: i64 = 1;

/// The server's code for an index that exists with other options.
const OPTIONS_CONFLICT: [i32; 2] = [85, 86];
/// The server's code for a collection that is there already.
const NAMESPACE_EXISTS: i32 = 48;

/// One index.
pub(super) struct Index {
    /// Of which collection.
    pub(super) of: Name,
    /// Its name, for hints.
    pub(super) name: &'static str,
    /// Its keys.
    pub(super) keys: Document,
    /// The rows that are in it; all when empty.
    pub(super) rows: Document,
    /// Whether it holds a place for one row only.
    pub(super) unique: bool,
}

fn index(of: Name, name: &'static str, keys: Document) -> Index {
    Index { of, name, keys, rows: Document::new(), unique: false }
}

impl Index {
    fn where_(self, rows: Document) -> Self {
        Self { rows, ..self }
    }

    fn unique(self) -> Self {
        Self { unique: true, ..self }
    }
}

/// Every collection.
const COLLECTIONS: [Name; 13] = [
    HEADS,
    EVENTS,
    CLIENTS,
    CONVERSATIONS,
    MESSAGES,
    TEMPLATES,
    ORPHANS,
    INBOX,
    CONSENTS,
    LANES,
    HOLDERS,
    WAKES,
    META,
];

/// Every index, without those on `_id`.
pub(super) fn indexes() -> Vec<Index> {
    let some_text = || doc! { "$gt": "" };
    vec![
        index(HEADS, "oldest", doc! { "oldest": 1 }).where_(doc! { "oldest": { "$exists": true } }),
        index(CLIENTS, "live_owner", doc! { "owner": 1 }).where_(doc! { "live": true }).unique(),
        index(CLIENTS, "live_number", doc! { "number": 1 })
            .where_(doc! { "live": true, "number": some_text() })
            .unique(),
        index(CLIENTS, "live_waba", doc! { "waba": 1, "_id": 1 })
            .where_(doc! { "live": true, "waba": some_text() }),
        index(CLIENTS, "live", doc! { "live": 1, "_id": 1 }).where_(doc! { "live": true }),
        index(CONVERSATIONS, "identities", doc! { "owner": 1, "number": 1, "identities": 1 })
            .where_(doc! { "identities": some_text() })
            .unique(),
        index(CONVERSATIONS, "words", doc! { "owner": 1, "words": 1 }),
        // Two, not three: within a transaction every index of a row costs a replacement dearly, so the
        // unread ones are told apart by the last key.
        index(CONVERSATIONS, "activity", doc! { "owner": 1, "activity": 1, "_id": 1, "unread": 1 })
            .where_(doc! { "hidden": false }),
        index(CONVERSATIONS, "activity_all", doc! { "activity": 1, "_id": 1, "unread": 1 })
            .where_(doc! { "hidden": false }),
        index(MESSAGES, "wamid", doc! { "owner": 1, "number": 1, "wamid": 1 })
            .where_(doc! { "wamid": some_text() })
            .unique(),
        index(MESSAGES, "key", doc! { "owner": 1, "key": 1 })
            .where_(doc! { "key": some_text() })
            .unique(),
        index(MESSAGES, "place", doc! { "conversation": 1, "at": 1, "_id": 1, "inbound": 1 }),
        index(MESSAGES, "outbox", doc! { "lane": 1, "waits": 1, "turn": 1, "_id": 1 })
            .where_(doc! { "waits": some_text() }),
        index(TEMPLATES, "name", doc! { "owner": 1, "name": 1, "language": 1, "_id": 1 }),
        index(TEMPLATES, "name_all", doc! { "name": 1, "language": 1, "_id": 1 }),
        index(TEMPLATES, "client", doc! { "client": 1, "name": 1, "language": 1, "_id": 1 }),
        index(ORPHANS, "created", doc! { "created": 1 }),
        index(INBOX, "digest", doc! { "digest": 1 }).unique(),
        index(INBOX, "waiting", doc! { "lane": 1, "_id": 1 }).where_(doc! { "state": 0 }),
        // An ordinary delivery is never in it: settling one costs what it did.
        index(INBOX, "unusual", doc! { "state": 1, "_id": 1 })
            .where_(doc! { "state": { "$gte": 2 } }),
        index(CONSENTS, "expires", doc! { "expires": 1 }),
    ]
}

/// Makes what is missing and checks what is there.
///
/// # Errors
/// [`StoreError::Corrupt`] names an index that is there in another form;
/// [`StoreError::Unavailable`] when the server does not let us, or does not answer.
pub(super) async fn prepare(db: &Db) -> Result<(), StoreError> {
    for name in COLLECTIONS {
        // Within a transaction no collection can be made beside one that is being made.
        match db.database().create_collection(name).await {
            Ok(()) => {}
            Err(e) if error::code(&e) == Some(NAMESPACE_EXISTS) => {}
            Err(e) => return Err(error::of(&e)),
        }
    }
    let mut by_collection: BTreeMap<Name, Vec<Index>> = BTreeMap::new();
    for index in indexes() {
        by_collection.entry(index.of).or_default().push(index);
    }
    for (of, wanted) in &by_collection {
        let models = wanted.iter().map(model);
        match db.collection(of).create_indexes(models).await {
            Ok(_) => {}
            Err(e) if error::code(&e).is_some_and(|code| OPTIONS_CONFLICT.contains(&code)) => {}
            Err(e) => return Err(error::of(&e)),
        }
        verify(db, of, wanted).await?;
    }
    Ok(())
}

fn model(index: &Index) -> IndexModel {
    let Index { of: _, name, keys, rows, unique } = index;
    let mut options = IndexOptions::builder().name((*name).to_owned()).build();
    options.unique = unique.then_some(true);
    options.partial_filter_expression = (!rows.is_empty()).then(|| rows.clone());
    IndexModel::builder().keys(keys.clone()).options(options).build()
}

/// Refuses an index that is missing or in another form.
async fn verify(db: &Db, of: Name, wanted: &[Index]) -> Result<(), StoreError> {
    let there = db.collection(of).list_indexes().max_time(READ).await.map_err(|e| error::of(&e))?;
    let there: Vec<IndexModel> = there.try_collect().await.map_err(|e| error::of(&e))?;
    for index in wanted {
        let same = |found: &&IndexModel| {
            let options = found.options.clone().unwrap_or_default();
            found.keys == index.keys
                && options.unique.unwrap_or(false) == index.unique
                && options.partial_filter_expression.unwrap_or_default() == index.rows
                && options.name.as_deref() == Some(index.name)
        };
        if !there.iter().any(|found| same(&found)) {
            return Err(StoreError::Corrupt(format!(
                "the collection {of} has no index {} as this version needs it: {}",
                index.name, index.keys
            )));
        }
    }
    Ok(())
}
