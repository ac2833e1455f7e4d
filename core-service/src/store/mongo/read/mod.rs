//! Reads, one file per subject.
//!
//! Invariant: a query begins where an index says and reads no row that it has not to test, so a page
//! costs the same however deep it is; nothing is sorted by the server.

mod asks;
pub(super) mod clients;
pub(super) mod conversations;
mod found;
pub(super) mod inbox;
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

use mongodb::bson::{Bson, doc};
use uuid::Uuid;

use super::{
    db::{Db, Find},
    field,
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
