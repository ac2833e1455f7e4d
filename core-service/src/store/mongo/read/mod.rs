//! Reads, one file per subject.
//!
//! Invariant: a query begins where an index says and reads no row that it has not to test, so a page
//! costs the same however deep it is; nothing is sorted by the server.

pub(super) mod clients;
pub(super) mod conversations;
mod found;
pub(super) mod inbox;
pub(super) mod load;
pub(super) mod log;
mod look;
pub(super) mod messages;
pub(super) mod one;
pub(super) mod outbox;
mod search;
pub(super) mod templates;
#[cfg(test)]
mod tests;

use mongodb::bson::{Bson, Document, doc};
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

/// Rows without the fields that their queries need.
fn body() -> Document {
    doc! { "_id": 0, "body": 1 }
}

/// Runs a query and reads the bodies of what it found.
async fn bodies<T: Form>(db: &Db, find: Find) -> Result<Vec<T>, StoreError> {
    db.find(Find { fields: body(), ..find }).await?.read(field::body)
}

/// One of these ids.
fn among(ids: impl IntoIterator<Item = Uuid>) -> Document {
    let ids: Vec<Bson> = ids.into_iter().map(|id| field::uuid(id).into()).collect();
    doc! { "$in": ids }
}
