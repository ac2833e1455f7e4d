//! Messages that wait to be sent, or whose sender is gone.

use mongodb::bson::{Document, doc};

use super::{
    super::{
        db::{Db, Find},
        field::{self, DUE, MESSAGES, SENDING, missing},
    },
    bodies,
};
use crate::{
    domain::{message::Message, owner::Lane, time::Timestamp},
    store::{OutboxQuery, StoreError, form::Form},
};

/// The most messages of one answer.
pub(super) const PAGE: u32 = 1_000;

/// What the outbox has to look at.
pub(in super::super) async fn find(
    db: &Db,
    lanes: &[Lane],
    query: &OutboxQuery,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    if lanes.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let find = match query {
        OutboxQuery::Due(now) => waiting(lanes, DUE, doc! { "$lte": now.as_millis() }),
        OutboxQuery::Stranded(term) => {
            let term = i64::try_from(*term).unwrap_or(i64::MAX);
            waiting(lanes, SENDING, doc! { "$lt": term })
        }
    };
    bodies(db, Find { limit: limit.min(PAGE), ..find }).await
}

/// When the next message is due.
pub(in super::super) async fn next_due(
    db: &Db,
    lanes: &[Lane],
) -> Result<Option<Timestamp>, StoreError> {
    if lanes.is_empty() {
        return Ok(None);
    }
    first_turn(db, waiting(lanes, DUE, doc! { "$gte": i64::MIN })).await
}

/// The turn of the first message that is found, as a time.
pub(super) async fn first_turn(db: &Db, find: Find) -> Result<Option<Timestamp>, StoreError> {
    let found = db.find(Find { limit: 1, ..find }).await?.read(|row| {
        let due = row.get_i64("turn").map_err(|_| missing(Message::KIND, "turn"))?;
        Ok(Timestamp::from_millis(due))
    })?;
    Ok(found.first().copied())
}

/// Messages of these lanes that wait for this, the first turn first.
pub(super) fn waiting(lanes: &[Lane], what: &str, turn: Document) -> Find {
    let filter = doc! { "lane": { "$in": field::lanes(lanes) }, "waits": what, "turn": turn };
    let sort = doc! { "turn": 1, "_id": 1 };
    Find { sort, hint: Some("outbox"), ..Find::all(MESSAGES, filter) }
}
