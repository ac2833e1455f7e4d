//! Clients: in order of their ids, which is the order of their making.

use mongodb::bson::{Document, doc};

use super::{
    super::{
        db::{Db, Find},
        field::{self, CLIENTS},
    },
    BY_ID, bodies, bounds,
};
use crate::{
    domain::{
        actor::Scope,
        client::Client,
        ids::{ClientId, PhoneNumberId, WabaId},
        page::{ClientQuery, Page},
    },
    store::StoreError,
};

/// One page of the live ones.
pub(in super::super) async fn list(
    db: &Db,
    query: &ClientQuery,
) -> Result<Page<Client>, StoreError> {
    let ClientQuery { scope, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let mut filter = doc! { "live": true };
    if let Some(after) = after {
        filter.insert("_id", doc! { "$gt": field::uuid(after.uuid()) });
    }
    let (hint, sort) = match scope {
        Scope::Owner(owner) => {
            filter.insert("owner", owner.as_str());
            // An owner has one at most: nothing to order.
            ("live_owner", Document::new())
        }
        Scope::All => ("live", doc! { "live": 1, "_id": 1 }),
    };
    let find = Find { sort, limit: ask, hint: Some(hint), ..Find::all(CLIENTS, filter) };
    Ok(Page::cut(bodies(db, find).await?, limit))
}

/// One page of all, live or not.
pub(in super::super) async fn all(
    db: &Db,
    after: Option<ClientId>,
    limit: u32,
) -> Result<Page<Client>, StoreError> {
    let (limit, ask) = bounds(limit);
    let filter = after.map_or_else(Document::new, |after| {
        doc! { "_id": { "$gt": field::uuid(after.uuid()) } }
    });
    let sort = doc! { "_id": 1 };
    let find = Find { sort, limit: ask, hint: Some(BY_ID), ..Find::all(CLIENTS, filter) };
    Ok(Page::cut(bodies(db, find).await?, limit))
}

/// The live clients of business numbers.
pub(in super::super) async fn of_numbers(
    db: &Db,
    numbers: &[PhoneNumberId],
) -> Result<Vec<Client>, StoreError> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<&str> = numbers.iter().map(PhoneNumberId::as_str).collect();
    let filter = doc! { "live": true, "number": { "$in": numbers } };
    bodies(db, Find { hint: Some("live_number"), ..Find::all(CLIENTS, filter) }).await
}

/// The live clients of a business account.
pub(in super::super) async fn of_waba(db: &Db, waba: &WabaId) -> Result<Vec<Client>, StoreError> {
    let filter = doc! { "live": true, "waba": waba.as_str() };
    let sort = doc! { "_id": 1 };
    bodies(db, Find { sort, hint: Some("live_waba"), ..Find::all(CLIENTS, filter) }).await
}
