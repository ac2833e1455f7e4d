//! Looking into the journal of deliveries.

use bytes::Bytes;
use mongodb::bson::{Document, RawDocument, doc};

use super::{
    super::{
        db::{Db, Find},
        field::{self, INBOX, missing},
    },
    BY_ID, count,
};
use crate::{
    domain::{
        delivery::{DeliveryId, Digest, Progress},
        journal::{Backlog, COUNT, Entry, JournalQuery, Kept, LOOK, Range, Which},
        owner::Lane,
        time::Timestamp,
    },
    store::{StoreError, form},
};

/// The index of what waits.
const WAITING: &str = "waiting";
/// The index of what is neither waiting nor applied whole.
const UNUSUAL: &str = "unusual";
/// How many of those that wait are looked at for the oldest: more than ever were let in again.
const OLDEST: u32 = 128;

/// The rows of one progress, and the index that has them in the order of numbers.
fn of_progress(progress: Progress) -> (Document, &'static str) {
    let state = i32::from(progress.number());
    match progress {
        Progress::Waiting => {
            let lanes: Vec<Lane> = Lane::all().collect();
            (doc! { "lane": { "$in": field::lanes(&lanes) }, "state": state }, WAITING)
        }
        Progress::Applied => (doc! { "state": state }, BY_ID),
        Progress::GivenUp | Progress::InPart | Progress::Again => {
            (doc! { "state": state }, UNUSUAL)
        }
    }
}

/// The parts that together are what is meant.
fn parts(which: Which) -> Vec<(Document, &'static str)> {
    match which {
        Which::Every => vec![(Document::new(), BY_ID)],
        Which::Waiting | Which::Applied | Which::Failed => {
            which.progresses().iter().map(|progress| of_progress(*progress)).collect()
        }
    }
}

/// A part of a range.
fn within((mut filter, hint): (Document, &'static str), range: Range, limit: u32) -> Find {
    let Range { from, to } = range;
    filter.insert("_id", doc! { "$gte": from.0, "$lte": to.0 });
    Find {
        sort: doc! { "_id": 1 },
        limit: limit.clamp(1, LOOK),
        hint: Some(hint),
        ..Find::all(INBOX, filter)
    }
}

/// A look.
pub(in super::super) async fn list(
    db: &Db,
    query: &JournalQuery,
) -> Result<Vec<Entry>, StoreError> {
    let JournalQuery { range, which, newest_first, limit } = query;
    let mut found = Vec::new();
    for part in parts(*which) {
        let sort = doc! { "_id": if *newest_first { -1 } else { 1 } };
        let find = Find { fields: fields(), sort, ..within(part, *range, *limit) };
        found.extend(db.find(find).await?.read(entry)?);
    }
    found.sort_unstable_by_key(|entry| entry.id);
    if *newest_first {
        found.reverse();
    }
    found.truncate((*limit).min(LOOK) as usize);
    Ok(found)
}

/// Everything but the body, of which only the size is told.
fn fields() -> Document {
    doc! {
        "digest": 1, "lane": 1, "received": 1, "state": 1, "attempts": 1, "outcome": 1, "again": 1,
        "size": { "$binarySize": "$body" },
    }
}

/// One delivery.
pub(in super::super) async fn one(db: &Db, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
    let mut fields = fields();
    fields.insert("body", 1);
    let find = Find { fields, ..Find::all(INBOX, doc! { "_id": id.0 }) };
    let rows = db.find(find).await?.read(|row| {
        let body = row.get_binary("body").map_err(|_| missing("delivery", "body"))?;
        Ok(Kept { entry: entry(row)?, body: Bytes::copy_from_slice(body.bytes) })
    })?;
    Ok(rows.into_iter().next())
}

fn entry(row: &RawDocument) -> Result<Entry, StoreError> {
    let lacks = |field| move |_| missing("delivery", field);
    let digest = row.get_binary("digest").map_err(lacks("digest"))?.bytes;
    let state = row.get_i32("state").map_err(lacks("state"))?;
    let progress = u8::try_from(state).ok().and_then(Progress::of_number);
    let outcome = row.get_str("outcome").ok();
    let again = row.get_i64("again").ok();
    Ok(Entry {
        id: DeliveryId(row.get_i64("_id").map_err(lacks("id"))?),
        digest: Digest(digest.try_into().map_err(|_| missing("delivery", "whole digest"))?),
        received_at: Timestamp::from_millis(row.get_i64("received").map_err(lacks("received"))?),
        lane: field::lane(row.get_i32("lane").map_err(lacks("lane"))?)?,
        progress: progress
            .ok_or_else(|| StoreError::Corrupt(format!("a delivery has state {state}")))?,
        attempts: row.get_i32("attempts").map_err(lacks("attempts"))?.cast_unsigned(),
        outcome: outcome.map(|outcome| form::decode(outcome.as_bytes())).transpose()?,
        size: u64::from(row.get_i32("size").map_err(lacks("size"))?.unsigned_abs()),
        replayed_at: again.map(Timestamp::from_millis),
    })
}

/// The lowest numbers of what is over, or of what failed.
pub(in super::super) async fn over(
    db: &Db,
    range: Range,
    only_failed: bool,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    let whole = || vec![(doc! { "state": { "$in": [1, 2, 3] } }, BY_ID)];
    let parts = if only_failed { parts(Which::Failed) } else { whole() };
    numbers(db, parts, range, limit).await
}

/// The lowest numbers of what was asked for again.
pub(in super::super) async fn again(db: &Db, limit: u32) -> Result<Vec<i64>, StoreError> {
    numbers(db, vec![of_progress(Progress::Again)], Range::ALL, limit).await
}

async fn numbers(
    db: &Db,
    parts: Vec<(Document, &'static str)>,
    range: Range,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    for part in parts {
        let find = Find { fields: doc! { "_id": 1 }, ..within(part, range, limit) };
        let id = |row: &RawDocument| row.get_i64("_id").map_err(|_| missing("delivery", "id"));
        found.extend(db.find(find).await?.read(id)?);
    }
    found.sort_unstable();
    found.truncate(limit.min(LOOK) as usize);
    Ok(found)
}

/// How many wait, up to `most`.
pub(in super::super) async fn waiting(db: &Db, most: u32) -> Result<u32, StoreError> {
    let (filter, hint) = of_progress(Progress::Waiting);
    count(db, INBOX, hint, filter, most).await
}

/// How much the journal is behind.
pub(in super::super) async fn backlog(db: &Db) -> Result<Backlog, StoreError> {
    let all = |progress| {
        let (filter, hint) = of_progress(progress);
        count(db, INBOX, hint, filter, COUNT)
    };
    let waits = of_progress(Progress::Waiting);
    let fields = doc! { "received": 1, "again": 1 };
    let oldest = Find { fields, ..within(waits, Range::ALL, OLDEST) };
    let since = db.find(oldest).await?.read(|row| {
        let since = row.get_i64("again").or_else(|_| row.get_i64("received"));
        since.map_err(|_| missing("delivery", "received"))
    })?;
    let failed = all(Progress::GivenUp).await? + all(Progress::InPart).await?;
    Ok(Backlog {
        waiting: waiting(db, COUNT).await?,
        oldest: since.into_iter().min().map(Timestamp::from_millis),
        again: all(Progress::Again).await?,
        failed: failed.min(COUNT),
    })
}
