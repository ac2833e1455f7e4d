//! Messages that wait to be sent, or whose sender is gone.

use mongodb::bson::{Document, doc};

use super::{
    super::{
        db::{Db, Find},
        field::{self, MESSAGES, missing},
    },
    bodies,
};
use crate::{
    domain::{message::Message, owner::Lane, time::Timestamp},
    store::{OutboxQuery, StoreError, form::Form},
};

/// The most messages of one answer.
const PAGE: u32 = 1_000;

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
    let (hint, which, sort) = match query {
        OutboxQuery::Due(now) => {
            ("due", doc! { "$lte": now.as_millis() }, doc! { "due": 1, "_id": 1 })
        }
        OutboxQuery::Stranded(term) => {
            let term = i64::try_from(*term).unwrap_or(i64::MAX);
            ("sending", doc! { "$lt": term }, doc! { "sending": 1, "_id": 1 })
        }
    };
    let found = of_lanes(lanes, hint, which);
    bodies(db, Find { sort, limit: limit.min(PAGE), ..found }).await
}

/// When the next message is due.
pub(in super::super) async fn next_due(
    db: &Db,
    lanes: &[Lane],
) -> Result<Option<Timestamp>, StoreError> {
    if lanes.is_empty() {
        return Ok(None);
    }
    let find = Find {
        fields: doc! { "_id": 0, "due": 1 },
        sort: doc! { "due": 1, "_id": 1 },
        limit: 1,
        ..of_lanes(lanes, "due", doc! { "$gte": i64::MIN })
    };
    let found = db.find(find).await?.read(|row| {
        let due = row.get_i64("due").map_err(|_| missing(Message::KIND, "due"))?;
        Ok(Timestamp::from_millis(due))
    })?;
    Ok(found.first().copied())
}

/// Messages of these lanes by the index that is named as the field that it is about.
fn of_lanes(lanes: &[Lane], index: &'static str, which: Document) -> Find {
    let mut filter = doc! { "lane": { "$in": field::lanes(lanes) } };
    filter.insert(index, which);
    Find { hint: Some(index), ..Find::all(MESSAGES, filter) }
}
