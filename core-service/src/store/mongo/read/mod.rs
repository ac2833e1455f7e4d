//! Reads, one file per subject.
//!
//! Invariant: a query begins where an index says and reads no row that it has not to test, so a page
//! costs the same however deep it is; nothing is sorted by the server.

mod asks;
pub(super) mod clients;
pub(super) mod conversations;
pub(super) mod fetches;
mod found;
pub(super) mod inbox;
pub(super) mod journal;
mod load;
pub(super) mod loads;
pub(super) mod log;
mod look;
pub(super) mod messages;
pub(super) mod one;
pub(super) mod outbox;
mod search;
pub(super) mod templates;
#[cfg(test)]
mod tests;

use mongodb::{
    bson::{Bson, Document, doc},
    options::{AggregateOptions, Hint, ReadConcern},
};
use uuid::Uuid;

use super::{
    db::{Db, Find, Found, READ, primary, within},
    error,
    field::{self, Name},
};
use crate::{
    domain::page::bounds,
    store::{StoreError, form::Form},
};

/// The index of every collection on its ids.
const BY_ID: &str = "_id_";

/// Runs a query and reads the bodies of what it found.
async fn bodies<T: Form>(db: &Db, find: Find) -> Result<Vec<T>, StoreError> {
    // All fields: leaving some out costs the server more than sending them.
    db.find(find).await?.read(field::body)
}

/// One of these ids.
fn among(ids: impl IntoIterator<Item = Uuid>) -> Bson {
    let mut ids: Vec<Bson> = ids.into_iter().map(|id| field::uuid(id).into()).collect();
    // The server has a shorter way for a single id.
    match ids.pop() {
        Some(only) if ids.is_empty() => only,
        last => {
            ids.extend(last);
            doc! { "$in": ids }.into()
        }
    }
}

/// Counts rows on an index, up to `most`.
async fn count(
    db: &Db,
    of: Name,
    hint: &'static str,
    filter: Document,
    most: u32,
) -> Result<u32, StoreError> {
    let mut options = AggregateOptions::default();
    options.hint = Some(Hint::Name(hint.to_owned()));
    options.max_time = Some(READ);
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(primary());
    let stages =
        [doc! { "$match": filter }, doc! { "$limit": i64::from(most) }, doc! { "$count": "n" }];
    let rows = db.collection(of);
    let counted = within(READ, async {
        let count = rows.aggregate(stages).with_options(options);
        Found::collect(Box::pin(count.batch()).await.map_err(|e| error::of(&e))?).await
    });
    // No row is how the server says zero; 32 bits are enough for the limit.
    let counted = counted.await?.read(|row| Ok(row.get_i32("n").unwrap_or_default()))?;
    Ok(counted.first().copied().unwrap_or_default().cast_unsigned())
}
