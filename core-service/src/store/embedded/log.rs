//! The owners' logs.
//!
//! Invariant: positions of an owner are dense up to its head; trimming takes a prefix, and says so in
//! the head within the same transaction.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::error;
use crate::{
    domain::{
        event::{Head, Logged, Position},
        owner::Owner,
        time::Timestamp,
    },
    store::{StoreError, form, prepare::StoredEvent},
};

/// The most entries of one answer.
const PAGE: u32 = 1_000;
/// The most entries that one trimming takes.
const TRIM: u32 = 1_000;

const ADVANCE: &str = "INSERT INTO heads (owner, position, kept_from) VALUES (?1, ?2, 0) \
    ON CONFLICT DO UPDATE SET position = position + ?2 RETURNING position, kept_from";
const APPEND: &str = "INSERT INTO events (owner, position, at, body) VALUES (?1, ?2, ?3, ?4)";
const HEAD: &str = "SELECT position, kept_from FROM heads WHERE owner = ?1";
const AFTER: &str = "SELECT position, body FROM events \
    WHERE owner = ?1 AND position > ?2 ORDER BY position LIMIT ?3";
const OLDEST: &str = "SELECT id, owner, position, at FROM events ORDER BY id LIMIT ?1";
const KEPT_FROM: &str = "UPDATE heads SET kept_from = ?2 WHERE owner = ?1";
const DELETE: &str = "DELETE FROM events WHERE id <= ?1";

fn head_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        position: Position(row.get::<_, i64>(0)?.cast_unsigned()),
        kept_from: Position(row.get::<_, i64>(1)?.cast_unsigned()),
    })
}

/// Bumps an owner's head by so many entries and tells where it then is.
pub(super) fn advance(conn: &Connection, owner: &Owner, by: usize) -> Result<Head, StoreError> {
    let by = i64::try_from(by).unwrap_or(i64::MAX);
    let mut advance = conn.prepare_cached(ADVANCE).map_err(error::of)?;
    advance.query_row(params![owner.as_str(), by], head_of).map_err(error::of)
}

/// Writes the entries that end at `head`.
pub(super) fn append(
    conn: &Connection,
    owner: &Owner,
    head: Head,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    let mut append = conn.prepare_cached(APPEND).map_err(error::of)?;
    let mut position = head.position.0 - events.len() as u64;
    for StoredEvent { at, body } in events {
        position += 1;
        append
            .execute(params![owner.as_str(), position.cast_signed(), at.as_millis(), body])
            .map_err(error::of)?;
    }
    Ok(())
}

/// The end of an owner's log.
pub(super) fn head(conn: &Connection, owner: &Owner) -> Result<Head, StoreError> {
    let mut head = conn.prepare_cached(HEAD).map_err(error::of)?;
    let found = head.query_row([owner.as_str()], head_of).optional().map_err(error::of)?;
    Ok(found.unwrap_or_default())
}

/// The entries after a position.
pub(super) fn after(
    conn: &Connection,
    owner: &Owner,
    after: Position,
    limit: u32,
) -> Result<Vec<Logged>, StoreError> {
    let mut statement = conn.prepare_cached(AFTER).map_err(error::of)?;
    // A position beyond what the column can hold has nothing after it.
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![owner.as_str(), after, limit.min(PAGE)], |row| {
            Ok((row.get::<_, i64>(0)?, form::decode(row.get_ref(1)?.as_blob()?)))
        })
        .map_err(error::of)?;
    rows.map(|row| {
        let (position, event) = row.map_err(error::of)?;
        let position = Position(position.cast_unsigned());
        Ok(Logged { owner: owner.clone(), position, event: event? })
    })
    .collect()
}

/// Takes the oldest entries of all logs away, as far as they are older than `before`.
///
/// It walks in the order of commits and stops at the first entry that stays, so what it takes of each
/// log is a prefix, whatever the entries' times are.
pub(super) fn trim(conn: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    let mut oldest = conn.prepare_cached(OLDEST).map_err(error::of)?;
    let mut rows = oldest.query([TRIM]).map_err(error::of)?;
    let mut kept_from: BTreeMap<String, i64> = BTreeMap::new();
    let (mut last, mut taken) = (None, 0);
    while let Some(row) = rows.next().map_err(error::of)? {
        let column = |n| row.get::<_, i64>(n).map_err(error::of);
        if column(3)? >= before.as_millis() {
            break;
        }
        kept_from.insert(row.get(1).map_err(error::of)?, column(2)? + 1);
        last = Some(column(0)?);
        taken += 1;
    }
    let Some(last) = last else { return Ok(0) };
    for (owner, position) in kept_from {
        conn.execute(KEPT_FROM, params![owner, position]).map_err(error::of)?;
    }
    conn.execute(DELETE, [last]).map_err(error::of)?;
    Ok(taken)
}
