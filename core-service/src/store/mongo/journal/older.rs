//! Deliveries as older versions left them: applied in part was told by the outcome alone.
//!
//! A journal is walked once, beside serving, and then marked. Cores of the older version that still run
//! then may leave a few more: those are shown rightly, and only not listed among what failed.

use std::time::Duration;

use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use tokio::time::{Instant, sleep};

use super::super::{
    commit::updates,
    db::{Db, Find, READ, durable, within},
    error,
    field::{INBOX, META, missing},
};
use crate::{
    domain::delivery::{Outcome, Progress},
    store::{StoreError, form},
};

/// What the mark is called.
const MARK: &str = "in_part";
/// How many rows are read at a time.
const PAGE: u32 = 1_000;
/// How long a page may take to write.
const WRITE: Duration = Duration::from_secs(10);
/// How long to wait when the server is away.
const AGAIN: Duration = Duration::from_secs(30);

/// Whether there is a journal that was not walked. A new one is marked at once.
pub(in super::super) async fn are_there(db: &Db) -> Result<bool, StoreError> {
    let some = |of, filter: Document| Find {
        limit: 1,
        fields: doc! { "_id": 1 },
        ..Find::all(of, filter)
    };
    let marked = db.find(some(META, doc! { "_id": MARK })).await?.read(|_| Ok(()))?;
    if !marked.is_empty() {
        return Ok(false);
    }
    let any = some(INBOX, doc! { "_id": { "$gt": 0_i64 } });
    let any = db.find(Find { sort: doc! { "_id": 1 }, ..any }).await?.read(|_| Ok(()))?;
    if any.is_empty() {
        mark(db).await?;
    }
    Ok(!any.is_empty())
}

/// Walks the journal, until that is done.
pub(in super::super) async fn bring_up(db: Db) {
    loop {
        match walk(&db).await {
            Ok(0) => return,
            Ok(count) => {
                return tracing::info!(count, "deliveries that were applied in part are marked");
            }
            Err(error) => tracing::warn!(%error, "the journal is brought up later"),
        }
        sleep(AGAIN).await;
    }
}

/// Marks every delivery that was applied in part; returns how many.
pub(in super::super) async fn walk(db: &Db) -> Result<u64, StoreError> {
    let (mut after, mut count) = (0, 0);
    loop {
        let find = Find {
            fields: doc! { "state": 1, "outcome": 1 },
            sort: doc! { "_id": 1 },
            limit: PAGE,
            ..Find::all(INBOX, doc! { "_id": { "$gt": after } })
        };
        let rows = db.find(find).await?.read(|row| {
            let id = row.get_i64("_id").map_err(|_| missing("delivery", "id"))?;
            Ok((id, was_in_part(row)))
        })?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        let found: Vec<Bson> =
            rows.iter().filter(|(_, in_part)| *in_part).map(|(id, _)| Bson::Int64(*id)).collect();
        count += found.len() as u64;
        change(db, &found).await?;
    }
    mark(db).await?;
    Ok(count)
}

fn was_in_part(row: &RawDocument) -> bool {
    let applied = row.get_i32("state").is_ok_and(|s| s == i32::from(Progress::Applied.number()));
    let outcome = || form::decode::<Outcome>(row.get_str("outcome").ok()?.as_bytes()).ok();
    applied && outcome().is_some_and(|outcome| outcome.progress() == Progress::InPart)
}

async fn change(db: &Db, ids: &[Bson]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let statement = doc! {
        "q": { "_id": { "$in": ids }, "state": i32::from(Progress::Applied.number()) },
        "u": { "$set": { "state": i32::from(Progress::InPart.number()) } },
        "multi": true,
    };
    let statement = RawDocumentBuf::try_from(&statement)
        .map_err(|_| StoreError::Corrupt("a change has no form".to_owned()))?;
    let command = || updates(INBOX, [statement.clone()]);
    super::write(db, command, Instant::now() + WRITE).await.map(drop)
}

async fn mark(db: &Db) -> Result<(), StoreError> {
    let rows = db.database().collection::<Document>(META);
    let set = doc! { "$set": { "value": 1_i64 } };
    let marked = rows.update_one(doc! { "_id": MARK }, set).upsert(true).write_concern(durable());
    within(READ, async { marked.await.map(drop).map_err(|e| error::of(&e)) }).await
}
