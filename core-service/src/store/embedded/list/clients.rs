//! Clients: in order of their ids, which is the order of their making.

use rusqlite::{Connection, params};

use super::bounds;
use crate::{
    domain::{
        actor::Scope,
        client::Client,
        ids::{ClientId, PhoneNumberId, WabaId},
        page::{ClientQuery, Page},
    },
    store::{StoreError, embedded::columns},
};

const OF_OWNER: &str = "SELECT body FROM clients \
    WHERE live = 1 AND owner = ?3 AND id > ?1 ORDER BY id LIMIT ?2";
const OF_ALL: &str = "SELECT body FROM clients WHERE live = 1 AND id > ?1 ORDER BY id LIMIT ?2";
const ALL: &str = "SELECT body FROM clients WHERE id > ?1 ORDER BY id LIMIT ?2";
const OF_NUMBER: &str = "SELECT body FROM clients WHERE live = 1 AND phone_number_id = ?1";
const OF_WABA: &str = "SELECT body FROM clients WHERE live = 1 AND waba_id = ?1 ORDER BY id";

/// One page of the live ones.
pub(in crate::store::embedded) fn list(
    conn: &Connection,
    query: &ClientQuery,
) -> Result<Page<Client>, StoreError> {
    let ClientQuery { scope, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let after = place(*after);
    let rows = match scope {
        Scope::Owner(owner) => columns::many(conn, OF_OWNER, params![after, ask, owner.as_str()])?,
        Scope::All => columns::many(conn, OF_ALL, params![after, ask])?,
    };
    Ok(Page::cut(rows, limit))
}

/// One page of all, live or not.
pub(in crate::store::embedded) fn all(
    conn: &Connection,
    after: Option<ClientId>,
    limit: u32,
) -> Result<Page<Client>, StoreError> {
    let (limit, ask) = bounds(limit);
    Ok(Page::cut(columns::many(conn, ALL, params![place(after), ask])?, limit))
}

/// Where a page begins: nothing is before every id.
fn place(after: Option<ClientId>) -> Vec<u8> {
    after.map_or_else(Vec::new, |id| id.uuid().into_bytes().to_vec())
}

/// The live clients of business numbers.
pub(in crate::store::embedded) fn of_numbers(
    conn: &Connection,
    numbers: &[PhoneNumberId],
) -> Result<Vec<Client>, StoreError> {
    let mut found = Vec::new();
    let mut numbers: Vec<_> = numbers.iter().map(PhoneNumberId::as_str).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        found.extend(columns::one(conn, OF_NUMBER, [number])?);
    }
    Ok(found)
}

/// The live clients of a business account.
pub(in crate::store::embedded) fn of_waba(
    conn: &Connection,
    waba: &WabaId,
) -> Result<Vec<Client>, StoreError> {
    columns::many(conn, OF_WABA, [waba.as_str()])
}
