//! Trimming the logs of owners.
//!
//! Invariant: what goes is a prefix, and the head says so in the transaction that removes it; the head
//! is written first, so that a trimming and a commit of one owner follow each other.

use futures_util::TryStreamExt;
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{Acknowledgment, ReadConcern, WriteConcern},
};

use super::{
    db::{Db, Find, READ, within},
    error,
    field::{EVENTS, HEADS, event_id, missing},
};
use crate::{
    domain::{owner::Owner, time::Timestamp},
    store::StoreError,
};

/// How many owners one call looks at.
const OWNERS: u32 = 64;
/// How many entries of an owner one call takes.
const ENTRIES: usize = 1_000;

/// Forgets entries older than `before`: a bounded number of each of a bounded number of owners.
pub(super) async fn trim(db: &Db, before: Timestamp) -> Result<u64, StoreError> {
    let filter = doc! { "oldest": { "$lt": before.as_millis() } };
    let sort = doc! { "oldest": 1 };
    let find = Find { fields: doc! { "_id": 1 }, sort, limit: OWNERS, ..Find::all(HEADS, filter) };
    let owners = db.find(find).await?.read(|row| {
        let owner = row.get_str("_id").map_err(|_| missing("head", "_id"))?;
        Owner::parse(owner).map_err(|_| StoreError::Corrupt("a head of nobody".to_owned()))
    })?;
    let mut forgotten = 0;
    for owner in owners {
        forgotten += within(READ, one(db, &owner, before)).await?;
    }
    Ok(forgotten)
}

async fn one(db: &Db, owner: &Owner, before: Timestamp) -> Result<u64, StoreError> {
    let client = db.database().client();
    let mut session = client.start_session().await.map_err(|e| error::of(&e))?;
    match attempt(db, &mut session, owner, before).await {
        Ok(forgotten) => Ok(forgotten),
        // Somebody commits: the next round comes.
        Err(e) if e.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
            // The driver aborts a transaction that is left; it need not be told.
            Ok(0)
        }
        Err(e) => Err(error::of(&e)),
    }
}

async fn attempt(
    db: &Db,
    session: &mut ClientSession,
    owner: &Owner,
    before: Timestamp,
) -> Result<u64, Error> {
    let concern = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
    session
        .start_transaction()
        .read_concern(ReadConcern::snapshot())
        .write_concern(concern)
        .await?;
    let heads = db.database().collection::<Document>(HEADS);
    let events = db.database().collection::<Document>(EVENTS);
    let head = doc! { "_id": owner.as_str() };
    let touched = doc! { "$inc": { "writes": 1_i64 } };
    heads.update_one(head.clone(), touched).session(&mut *session).await?;

    let of_owner = doc! { "$gt": event_id(owner, 0), "$lte": event_id(owner, u64::MAX) };
    let page = i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX);
    let mut rows = events
        .find(doc! { "_id": of_owner })
        .projection(doc! { "position": 1, "at": 1 })
        .sort(doc! { "_id": 1 })
        .limit(page)
        .session(&mut *session)
        .await?;
    let rows: Vec<Document> = rows.stream(&mut *session).try_collect().await?;
    let at = |row: &Document| row.get_i64("at").unwrap_or(i64::MAX);
    let old = rows.iter().take(ENTRIES).take_while(|row| at(row) < before.as_millis()).count();
    let mut change = match rows.get(old) {
        Some(oldest) => doc! { "$set": { "oldest": at(oldest) } },
        None => doc! { "$unset": { "oldest": "" } },
    };
    if let Some(last) = old.checked_sub(1).and_then(|last| rows.get(last)) {
        let position = last.get_i64("position").unwrap_or(0).cast_unsigned();
        let gone = doc! { "$gt": event_id(owner, 0), "$lte": event_id(owner, position) };
        events.delete_many(doc! { "_id": gone }).session(&mut *session).await?;
        let kept_from = (position + 1).cast_signed();
        change.entry("$set".to_owned()).or_insert_with(|| Document::new().into());
        if let Ok(set) = change.get_document_mut("$set") {
            set.insert("kept_from", kept_from);
        }
    }
    heads.update_one(head, change).session(&mut *session).await?;
    loop {
        match session.commit_transaction().await {
            Err(e) if e.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {}
            committed => return committed.map(|()| old as u64),
        }
    }
}
