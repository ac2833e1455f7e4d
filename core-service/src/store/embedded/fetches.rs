//! Messages whose file is to be fetched.
//!
//! Invariant: what a message's row says of it (`fetch_at`) is what these find it by.

use rusqlite::{Connection, OptionalExtension, params};

use super::{columns, error};
use crate::{
    domain::{message::Message, owner::Lane, time::Timestamp},
    store::StoreError,
};

/// The most messages of one answer.
const PAGE: u32 = 1_000;

const DUE: &str = "SELECT body FROM messages \
    WHERE fetch_at <= ?2 AND (?1 >> lane) & 1 ORDER BY fetch_at, id LIMIT ?3";
const NEXT: &str = "SELECT fetch_at FROM messages \
    WHERE fetch_at > ?2 AND (?1 >> lane) & 1 ORDER BY fetch_at LIMIT 1";

/// Those whose time has come, earliest first.
pub(super) fn find(
    conn: &Connection,
    lanes: &[Lane],
    due: Timestamp,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    columns::many(conn, DUE, params![columns::mask(lanes), due.as_millis(), limit.min(PAGE)])
}

/// When the next one's time comes.
pub(super) fn next(
    conn: &Connection,
    lanes: &[Lane],
    after: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut next = conn.prepare_cached(NEXT).map_err(error::of)?;
    let due = next.query_row(params![columns::mask(lanes), after.as_millis()], |row| row.get(0));
    Ok(due.optional().map_err(error::of)?.map(Timestamp::from_millis))
}
