//! Leases of lanes, shared fairly between the processes that are alive.
//!
//! Invariant: a lane has one holder at a time by the server's clock, and a term grows with every change of
//! holder; what a process thinks of the time decides nothing.

use std::{collections::BTreeSet, time::Duration};

use mongodb::{
    bson::{Bson, Document, doc, rawdoc},
    options::UpdateModifications,
};

use super::{
    db::{Db, Find, READ, durable, millis, within},
    error,
    field::{self, HOLDERS, LANES, Name, missing},
};
use crate::{
    domain::owner::{LANES as COUNT, Lane},
    store::{Appetite, Lease, StoreError},
};

/// What was taken, and who else is there.
pub(super) struct Taken {
    /// What the holder has.
    pub(super) leases: Vec<Lease>,
    /// Whether there are other holders.
    pub(super) others: bool,
}

/// A lane as it stands.
struct Row {
    lane: Lane,
    term: u64,
    mine: bool,
    free: bool,
}

/// Makes the rows of lanes that are missing.
pub(super) async fn prepare(db: &Db) -> Result<(), StoreError> {
    let never = mongodb::bson::DateTime::MIN;
    let rows = Lane::all().map(|lane| {
        rawdoc! { "_id": i32::from(lane.number()), "term": 0_i64, "until": never }
    });
    let lanes = db.collection(LANES);
    let insert = lanes.insert_many(rows).ordered(false).write_concern(durable());
    within(READ, async {
        match insert.await {
            // They are there, or another process makes them at this very moment.
            Err(e) if error::only_duplicates(&e) => Ok(()),
            made => made.map(|_| ()).map_err(|e| error::of(&e)),
        }
    })
    .await
}

/// Extends what `holder` has, and takes what is free up to its share.
pub(super) async fn take(
    db: &Db,
    holder: &str,
    ttl: Duration,
    appetite: Appetite,
) -> Result<Taken, StoreError> {
    match appetite {
        Appetite::Share => {
            let set = vec![doc! { "$set": { "until": end(ttl) } }];
            update(db, HOLDERS, doc! { "_id": holder }, set.into(), true).await?;
        }
        // Whoever is about to end has no share any more.
        Appetite::Keep => leave(db, holder).await?,
    }
    let set = vec![doc! { "$set": { "until": end(ttl) } }];
    update(db, LANES, doc! { "_id": { "$gte": 0 }, "holder": holder }, set.into(), false).await?;

    let (others, share) = share(db, holder, appetite).await?;
    let mut rows = rows(db, holder).await?;
    let mine = rows.iter().filter(|row| row.mine).count();
    let lacking = match appetite {
        Appetite::Share => share.saturating_sub(mine),
        Appetite::Keep => 0,
    };
    let free: Vec<Lane> =
        rows.iter().filter(|row| row.free && !row.mine).map(|row| row.lane).take(lacking).collect();
    if !free.is_empty() {
        // Somebody else may be quicker: the server looks again at each of them.
        let filter = doc! { "_id": { "$in": field::lanes(&free) }, "$expr": is_free() };
        let set = vec![doc! { "$set": {
            "term": { "$add": ["$term", 1_i64] }, "holder": { "$literal": holder }, "until": end(ttl),
        } }];
        update(db, LANES, filter, set.into(), false).await?;
        rows = self::rows(db, holder).await?;
    }
    let mut leases = Vec::new();
    for Row { lane, term, mine: _, free: _ } in rows.into_iter().filter(|row| row.mine) {
        // What is beyond the share, others lack.
        let wanted = match appetite {
            Appetite::Share => others && leases.len() >= share,
            Appetite::Keep => false,
        };
        leases.push(Lease { lane, term, wanted });
    }
    Ok(Taken { leases, others })
}

/// Gives up some lanes.
pub(super) async fn give_back(db: &Db, holder: &str, lanes: &[Lane]) -> Result<(), StoreError> {
    let filter = doc! { "_id": { "$in": field::lanes(lanes) }, "holder": holder };
    update(db, LANES, filter, nobodys().into(), false).await
}

/// Gives up everything.
pub(super) async fn release(db: &Db, holder: &str) -> Result<(), StoreError> {
    leave(db, holder).await?;
    let filter = doc! { "_id": { "$gte": 0 }, "holder": holder };
    update(db, LANES, filter, nobodys().into(), false).await
}

fn nobodys() -> Document {
    doc! { "$unset": { "holder": "" }, "$set": { "until": mongodb::bson::DateTime::MIN } }
}

/// The server's time after `ttl`.
fn end(ttl: Duration) -> Document {
    // A date that the server can still add to.
    let ttl = millis(ttl).min(1_000 * 60 * 60 * 24 * 365);
    doc! { "$add": ["$$NOW", ttl] }
}

fn is_free() -> Document {
    doc! { "$lte": ["$until", "$$NOW"] }
}

/// Whether there are other holders, and how many lanes are `holder`'s share.
async fn share(db: &Db, holder: &str, appetite: Appetite) -> Result<(bool, usize), StoreError> {
    let fields = doc! { "gone": is_free() };
    let find = Find { fields, ..Find::all(HOLDERS, doc! { "_id": { "$gt": "" } }) };
    let rows = db.find(find).await?.read(|row| {
        let id = row.get_str("_id").map_err(|_| missing("holder", "_id"))?;
        Ok((id.to_owned(), row.get_bool("gone").unwrap_or(true)))
    })?;
    let gone: Vec<&str> =
        rows.iter().filter(|(_, gone)| *gone).map(|(id, _)| id.as_str()).collect();
    if !gone.is_empty() && appetite == Appetite::Share {
        forget(db, &gone).await?;
    }
    let alive: BTreeSet<&str> =
        rows.iter().filter(|(_, gone)| !gone).map(|(id, _)| id.as_str()).collect();
    let others = alive.iter().any(|id| *id != holder);
    Ok((others, usize::from(COUNT).div_ceil(alive.len().max(1))))
}

async fn rows(db: &Db, holder: &str) -> Result<Vec<Row>, StoreError> {
    let fields = doc! { "term": 1, "holder": 1, "free": is_free() };
    let filter = doc! { "_id": { "$gte": 0 } };
    let find = Find { fields, sort: doc! { "_id": 1 }, ..Find::all(LANES, filter) };
    db.find(find).await?.read(|row| {
        let number = row.get_i32("_id").map_err(|_| missing("lane", "_id"))?;
        let term = row.get_i64("term").map_err(|_| missing("lane", "term"))?;
        let mine = row.get_str("holder").is_ok_and(|name| name == holder);
        let free = row.get_bool("free").map_err(|_| missing("lane", "until"))?;
        Ok(Row { lane: field::lane(number)?, term: term.cast_unsigned(), mine, free })
    })
}

async fn leave(db: &Db, holder: &str) -> Result<(), StoreError> {
    forget(db, &[holder]).await
}

async fn forget(db: &Db, holders: &[&str]) -> Result<(), StoreError> {
    let rows = db.collection(HOLDERS);
    let ids: Vec<Bson> = holders.iter().map(|id| Bson::from(*id)).collect();
    // One that came back meanwhile is left alone only if it is alive; a late one comes again.
    let delete = rows.delete_many(doc! { "_id": { "$in": ids } }).write_concern(durable());
    within(READ, async { delete.await.map(|_| ()).map_err(|e| error::of(&e)) }).await
}

async fn update(
    db: &Db,
    of: Name,
    filter: Document,
    change: UpdateModifications,
    upsert: bool,
) -> Result<(), StoreError> {
    let rows = db.collection(of);
    let update = rows.update_many(filter, change).upsert(upsert).write_concern(durable());
    within(READ, async { update.await.map(|_| ()).map_err(|e| error::of(&e)) }).await
}
