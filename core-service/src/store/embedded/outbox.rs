//! Messages that wait to be sent, or whose sender is gone.
//!
//! Invariant: what a message's row says of it (`due_at`, `sending_term`) is what these find it by.

use rusqlite::{Connection, OptionalExtension, params};

use super::{columns, error};
use crate::{
    domain::{message::Message, owner::Lane, time::Timestamp},
    store::{OutboxQuery, StoreError},
};

/// The most messages of one answer.
const PAGE: u32 = 1_000;

const DUE: &str = "SELECT body FROM messages \
    WHERE due_at <= ?2 AND (?1 >> lane) & 1 ORDER BY due_at, id LIMIT ?3";
const STRANDED: &str = "SELECT body FROM messages \
    WHERE sending_term < ?2 AND (?1 >> lane) & 1 ORDER BY sending_term, id LIMIT ?3";
const NEXT_DUE: &str = "SELECT due_at FROM messages \
    WHERE due_at IS NOT NULL AND (?1 >> lane) & 1 ORDER BY due_at LIMIT 1";

/// What the outbox has to look at.
pub(super) fn find(
    conn: &Connection,
    lanes: &[Lane],
    query: &OutboxQuery,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let (mask, limit) = (columns::mask(lanes), limit.min(PAGE));
    match query {
        OutboxQuery::Due(now) => columns::many(conn, DUE, params![mask, now.as_millis(), limit]),
        OutboxQuery::Stranded(term) => {
            let term = i64::try_from(*term).unwrap_or(i64::MAX);
            columns::many(conn, STRANDED, params![mask, term, limit])
        }
    }
}

/// When the next message is due.
pub(super) fn next_due(conn: &Connection, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
    let mut next = conn.prepare_cached(NEXT_DUE).map_err(error::of)?;
    let due = next.query_row([columns::mask(lanes)], |row| row.get(0)).optional();
    Ok(due.map_err(error::of)?.map(Timestamp::from_millis))
}
