//! Messages whose file is to be fetched. They stand in the index of the outbox: what comes in is never
//! sent, so no message waits for both, and the index costs nothing more.

use mongodb::bson::doc;

use super::{
    super::{
        db::{Db, Find},
        field::FETCH,
    },
    bodies,
    outbox::{PAGE, first_turn, waiting},
};
use crate::{
    domain::{message::Message, owner::Lane, time::Timestamp},
    store::StoreError,
};

/// Those whose time has come, earliest first.
pub(in super::super) async fn find(
    db: &Db,
    lanes: &[Lane],
    due: Timestamp,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    if lanes.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let find = waiting(lanes, FETCH, doc! { "$lte": due.as_millis() });
    bodies(db, Find { limit: limit.min(PAGE), ..find }).await
}

/// When the next one's time comes.
pub(in super::super) async fn next(
    db: &Db,
    lanes: &[Lane],
    after: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    if lanes.is_empty() {
        return Ok(None);
    }
    first_turn(db, waiting(lanes, FETCH, doc! { "$gt": after.as_millis() })).await
}
