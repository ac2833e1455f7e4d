//! The `messages` table.

use rusqlite::{Connection, params};

use super::run;
use crate::{
    domain::{
        message::{Direction, Message},
        time::Timestamp,
    },
    store::{StoreError, prepare::Stored},
};

const UPDATE: &str = "UPDATE messages SET conversation = ?3, phone_number_id = ?4, wamid = ?5, \
    idempotency_key = ?6, revision = ?7, at = ?8, inbound = ?9, lane = ?10, due_at = ?11, \
    sending_term = ?12, fetch_at = ?13, body = ?14 WHERE id = ?1 AND owner = ?2";
const INSERT: &str = "INSERT INTO messages (id, owner, conversation, phone_number_id, wamid, \
    idempotency_key, revision, at, inbound, lane, due_at, sending_term, fetch_at, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

/// Inserts or replaces.
pub(in crate::store::embedded) fn put(
    conn: &Connection,
    message: &Stored<Message>,
) -> Result<(), StoreError> {
    let Stored { row, body } = message;
    let inbound = match row.direction {
        Direction::Inbound => true,
        Direction::Outbound => false,
    };
    let columns = params![
        row.id.uuid().into_bytes(),
        row.owner.as_str(),
        row.conversation_id.uuid().into_bytes(),
        row.phone_number_id.as_str(),
        row.wamid.as_ref().map(|wamid| wamid.as_str()),
        row.idempotency.as_ref().map(|idempotency| idempotency.key.as_str()),
        row.revision.cast_signed(),
        row.at.as_millis(),
        inbound,
        row.owner.lane().number(),
        row.due_at().map(Timestamp::as_millis),
        row.sending_term().map(u64::cast_signed),
        row.fetch_at().map(Timestamp::as_millis),
        body
    ];
    if run(conn, UPDATE, columns)? == 0 {
        run(conn, INSERT, columns)?;
    }
    Ok(())
}
