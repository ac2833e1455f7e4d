//! The `clients` table.

use rusqlite::{Connection, params};

use super::run;
use crate::{
    domain::client::Client,
    store::{StoreError, prepare::Stored},
};

const UPDATE: &str = "UPDATE clients \
    SET revision = ?3, live = ?4, phone_number_id = ?5, waba_id = ?6, body = ?7 \
    WHERE id = ?1 AND owner = ?2";
const INSERT: &str = "INSERT INTO clients \
    (id, owner, revision, live, phone_number_id, waba_id, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Inserts or replaces.
pub(in crate::store::embedded) fn put(
    conn: &Connection,
    client: &Stored<Client>,
) -> Result<(), StoreError> {
    let Stored { row, body } = client;
    let id = row.id.uuid().into_bytes();
    let number = row.phone_number_id().map(|number| number.as_str());
    let waba = row.connection.as_ref().map(|connection| connection.waba_id.as_str());
    let columns = params![
        id,
        row.owner.as_str(),
        row.revision.cast_signed(),
        row.is_live(),
        number,
        waba,
        body
    ];
    if run(conn, UPDATE, columns)? == 0 {
        run(conn, INSERT, columns)?;
    }
    Ok(())
}
