//! Forgetting deliveries that were applied, and parked statuses that nobody came for.
//!
//! Invariant: what waits or was given up stays.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mongodb::bson::{Bson, RawArrayBuf, RawDocumentBuf, doc, rawdoc};
use tokio::time::Instant;

use super::super::{
    db::{Db, Find},
    field::{INBOX, Name, ORPHANS, missing},
};
use crate::{domain::time::Timestamp, store::StoreError};

/// How many rows are looked at at a time.
const PAGE: u32 = 1_000;
/// How many pages of rows that stay are stepped over in one call.
const PAGES: u32 = 16;
/// How long a page may take to delete.
const DELETE: Duration = Duration::from_secs(10);

/// How far the journal was walked: what stays at its beginning is stepped over once, not every time.
#[derive(Debug, Default)]
pub(in super::super) struct Walk(Mutex<i64>);

impl Walk {
    fn at(&self) -> i64 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn to(&self, number: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = number;
    }
}

/// Forgets a bounded number of both; returns how many.
pub(in super::super) async fn trim(
    db: &Db,
    walk: &Walk,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let applied = trim_inbox(db, walk, before).await?;
    Ok(applied + trim_orphans(db, before).await?)
}

/// Numbers grow with arrival, so the oldest come first.
async fn trim_inbox(db: &Db, walk: &Walk, before: Timestamp) -> Result<u64, StoreError> {
    for _ in 0..PAGES {
        let rows = db
            .find(Find {
                fields: doc! { "state": 1, "received": 1 },
                sort: doc! { "_id": 1 },
                limit: PAGE,
                ..Find::all(INBOX, doc! { "_id": { "$gt": walk.at() } })
            })
            .await?;
        let rows = rows.read(|row| {
            let number = |field| row.get_i64(field).map_err(|_| missing("delivery", field));
            // Whole, or in part.
            let applied = row.get_i32("state").is_ok_and(|state| matches!(state, 1 | 3));
            Ok((number("_id")?, applied && number("received")? < before.as_millis(), applied))
        })?;
        let old: Vec<Bson> =
            rows.iter().filter(|(_, old, _)| *old).map(|(id, ..)| Bson::Int64(*id)).collect();
        if !old.is_empty() {
            return delete(db, INBOX, &old).await;
        }
        // The first one that is applied and stays is where the rest is young.
        match rows.last() {
            Some((last, ..)) if rows.iter().all(|(_, _, applied)| !applied) => walk.to(*last),
            Some(_) | None => break,
        }
    }
    // The next round begins again: what waited may have been applied meanwhile.
    walk.to(0);
    Ok(0)
}

async fn trim_orphans(db: &Db, before: Timestamp) -> Result<u64, StoreError> {
    let rows = db
        .find(Find {
            fields: doc! { "_id": 1 },
            sort: doc! { "created": 1 },
            limit: PAGE,
            ..Find::all(ORPHANS, doc! { "created": { "$lt": before.as_millis() } })
        })
        .await?;
    let ids = rows.read(|row| {
        let id = row.get_str("_id").map_err(|_| missing("parked status", "_id"))?;
        Ok(Bson::String(id.to_owned()))
    })?;
    if ids.is_empty() {
        return Ok(0);
    }
    delete(db, ORPHANS, &ids).await
}

async fn delete(db: &Db, of: Name, ids: &[Bson]) -> Result<u64, StoreError> {
    let statements: Vec<RawDocumentBuf> = vec![
        RawDocumentBuf::try_from(&doc! { "q": { "_id": { "$in": ids } }, "limit": 0 })
            .map_err(|_| StoreError::Corrupt("a filter has no form".to_owned()))?,
    ];
    let statements: RawArrayBuf = statements.into_iter().collect();
    let command = rawdoc! { "delete": of, "ordered": true, "deletes": statements };
    let answer = super::write(db, || command.clone(), Instant::now() + DELETE).await?;
    Ok(u64::try_from(answer.get_i32("n").unwrap_or(0)).unwrap_or(0))
}
