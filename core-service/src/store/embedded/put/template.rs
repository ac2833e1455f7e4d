//! The `templates` table.

use rusqlite::{Connection, params};

use super::run;
use crate::{
    domain::{
        ids::TemplateId,
        owner::Owner,
        template::{Purpose, Template},
    },
    store::{StoreError, prepare::Stored},
};

const UPDATE: &str = "UPDATE templates SET client = ?3, revision = ?4, name = ?5, language = ?6, \
    status = ?7, purpose = ?8, body = ?9 WHERE id = ?1 AND owner = ?2";
const INSERT: &str = "INSERT INTO templates \
    (id, owner, client, revision, name, language, status, purpose, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const DROP: &str = "DELETE FROM templates WHERE id = ?1 AND owner = ?2";

/// How a purpose stands in its column.
pub(in crate::store::embedded) const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Initiate => "INITIATE",
        Purpose::Reengage => "REENGAGE",
    }
}

/// Inserts or replaces.
pub(in crate::store::embedded) fn put(
    conn: &Connection,
    template: &Stored<Template>,
) -> Result<(), StoreError> {
    let Stored { row, body } = template;
    let columns = params![
        row.id.uuid().into_bytes(),
        row.owner.as_str(),
        row.client_id.uuid().into_bytes(),
        row.revision.cast_signed(),
        row.definition.name,
        row.definition.language,
        row.definition.status,
        row.purpose.map(purpose),
        body
    ];
    if run(conn, UPDATE, columns)? == 0 {
        run(conn, INSERT, columns)?;
    }
    Ok(())
}

/// Removes, when it is there.
pub(in crate::store::embedded) fn drop_row(
    conn: &Connection,
    owner: &Owner,
    id: TemplateId,
) -> Result<(), StoreError> {
    run(conn, DROP, params![id.uuid().into_bytes(), owner.as_str()]).map(|_| ())
}
