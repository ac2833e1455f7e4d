//! Asking for deliveries again, and letting them in.
//!
//! Invariant: what is asked for is only marked; it becomes work when it is let in, a few at a time. Either
//! may be repeated, and two processes that do it at once do it once.

use std::time::Duration;

use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use tokio::time::Instant;

use super::super::{commit::updates, db::Db, field::INBOX, read, wakes::Wakes};
use crate::{
    domain::{
        delivery::{DeliveryId, Progress},
        journal::{LOOK, Replay, Replayed},
    },
    store::StoreError,
};

/// How long marking may take.
const MARK: Duration = Duration::from_secs(5);

/// Asks for deliveries again.
pub(in super::super) async fn replay(db: &Db, replay: &Replay) -> Result<Replayed, StoreError> {
    let Replay { range, only_failed, at, limit } = replay;
    let meant = read::journal::over(db, *range, *only_failed, *limit).await?;
    let over = [Progress::Applied, Progress::GivenUp, Progress::InPart];
    let over: Vec<i32> = over.into_iter().map(|progress| progress.number().into()).collect();
    let change = doc! {
        "$set": { "state": i32::from(Progress::Again.number()), "attempts": 0, "again": at.as_millis() },
        "$unset": { "outcome": "" },
    };
    mark(db, &meant, doc! { "$in": over }.into(), &change).await?;
    let asked = u32::try_from(meant.len()).unwrap_or(u32::MAX);
    let last = meant.last().filter(|_| asked == (*limit).min(LOOK)).map(|id| DeliveryId(*id));
    Ok(Replayed { asked, last })
}

/// Lets deliveries that were asked for in among those that wait.
pub(in super::super) async fn readmit(
    db: &Db,
    wakes: &Wakes,
    room: u32,
) -> Result<u32, StoreError> {
    let mut meant = read::journal::again(db, room).await?;
    if meant.is_empty() {
        return Ok(0);
    }
    let waiting = read::journal::waiting(db, room).await?;
    meant.truncate(room.saturating_sub(waiting) as usize);
    let change = doc! { "$set": { "state": i32::from(Progress::Waiting.number()) } };
    mark(db, &meant, Bson::Int32(Progress::Again.number().into()), &change).await?;
    if !meant.is_empty() {
        wakes.arrived();
    }
    Ok(u32::try_from(meant.len()).unwrap_or(u32::MAX))
}

/// Changes those of these rows that are in such a state.
async fn mark(db: &Db, ids: &[i64], state: Bson, change: &Document) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let statement =
        doc! { "q": { "_id": { "$in": ids }, "state": state }, "u": change, "multi": true };
    let statement = RawDocumentBuf::try_from(&statement)
        .map_err(|_| StoreError::Corrupt("a change has no form".to_owned()))?;
    let command = || updates(INBOX, [statement.clone()]);
    let answer = super::write(db, command, Instant::now() + MARK).await?;
    if answer.contains_key("writeErrors") {
        return Err(StoreError::Unavailable("deliveries were not marked".to_owned()));
    }
    Ok(())
}
