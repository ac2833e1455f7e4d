//! Consents that wait for whoever was sent to Meta.
//!
//! Invariant: taking is one operation of the server, which finds the row and removes it, and nobody is
//! given a consent before a majority has removed it. Each write has a number of its own by which the
//! server knows it when the driver repeats it, so a repetition neither brings back a consent that was
//! taken meanwhile nor finds none where it took one.

use mongodb::bson::{Bson, doc, rawdoc};

use super::{
    commit::text,
    db::{Db, Find, READ, durable, within},
    error,
    field::{self, CONSENTS, missing},
};
use crate::{
    domain::{
        consent::{Consent, Fingerprint},
        time::Timestamp,
    },
    store::{
        StoreError,
        form::{self, Form},
    },
};

/// How many one trimming takes.
const PAGE: u32 = 1_000;

/// Keeps a consent; one that is kept already stays as it is.
pub(super) async fn keep(db: &Db, consent: &Consent) -> Result<(), StoreError> {
    let body = form::encode(consent)?;
    let Consent { state, browser: _, owner: _, by: _, expires_at } = consent;
    let row = rawdoc! {
        "_id": state.as_str(), "expires": expires_at.as_millis(), "body": text(&body)?,
    };
    let rows = db.collection(CONSENTS);
    // Of many, though it is one: a single insert hides that the majority is missing behind the key that
    // is taken.
    let insert = rows.insert_many([row]).write_concern(durable());
    within(READ, async {
        match insert.await {
            Err(e) if error::only_duplicates(&e) => Ok(()),
            kept => kept.map(|_| ()).map_err(|e| error::of(&e)),
        }
    })
    .await
}

/// Takes a consent out.
pub(super) async fn take(db: &Db, state: &Fingerprint) -> Result<Option<Consent>, StoreError> {
    let rows = db.collection(CONSENTS);
    let take = rows
        .find_one_and_delete(doc! { "_id": state.as_str() })
        .max_time(READ)
        .write_concern(durable());
    let taken = within(READ, async { take.await.map_err(|e| error::of(&e)) }).await?;
    taken.map(|row| field::body(&row)).transpose()
}

/// Forgets a bounded number of those that were over before a time.
pub(super) async fn trim(db: &Db, before: Timestamp) -> Result<u64, StoreError> {
    let filter = doc! { "expires": { "$lt": before.as_millis() } };
    let (fields, sort) = (doc! { "_id": 1 }, doc! { "expires": 1 });
    let find = Find { fields, sort, limit: PAGE, ..Find::all(CONSENTS, filter) };
    let over = db.find(find).await?.read(|row| {
        let state = row.get_str("_id").map_err(|_| missing(Consent::KIND, "_id"))?;
        Ok(Bson::from(state))
    })?;
    if over.is_empty() {
        return Ok(0);
    }
    let rows = db.collection(CONSENTS);
    let delete = rows.delete_many(doc! { "_id": { "$in": over } }).write_concern(durable());
    within(READ, async {
        delete.await.map(|deleted| deleted.deleted_count).map_err(|e| error::of(&e))
    })
    .await
}
