//! The `orphans` table.

use rusqlite::{Connection, params};

use super::run;
use crate::{
    domain::{
        change::Orphan,
        ids::{PhoneNumberId, Wamid},
        owner::Owner,
    },
    store::{StoreError, prepare::Stored},
};

const PUT: &str = "INSERT INTO orphans \
    (owner, phone_number_id, wamid, revision, created_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
    ON CONFLICT DO UPDATE SET revision = ?4, created_at = ?5, body = ?6";
const DROP: &str = "DELETE FROM orphans WHERE owner = ?1 AND phone_number_id = ?2 AND wamid = ?3";

/// Inserts or replaces.
pub(in crate::store::embedded) fn put(
    conn: &Connection,
    owner: &Owner,
    orphan: &Stored<Orphan>,
) -> Result<(), StoreError> {
    let Stored { row, body } = orphan;
    let columns = params![
        owner.as_str(),
        row.phone_number_id.as_str(),
        row.wamid.as_str(),
        row.revision.cast_signed(),
        row.created_at.as_millis(),
        body
    ];
    run(conn, PUT, columns).map(|_| ())
}

/// Removes, when it is there.
pub(in crate::store::embedded) fn drop_row(
    conn: &Connection,
    owner: &Owner,
    number: &PhoneNumberId,
    wamid: &Wamid,
) -> Result<(), StoreError> {
    run(conn, DROP, params![owner.as_str(), number.as_str(), wamid.as_str()]).map(|_| ())
}
