//! Looking into the journal, and asking for deliveries again.
//!
//! Invariant: no look reads a row that it does not give, whatever waits or failed beside it, but for the
//! few that are not applied where applied ones are asked for.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{columns, error};
use crate::{
    domain::{
        delivery::{DeliveryId, Digest, Progress},
        journal::{
            Backlog, COUNT, Entry, JournalQuery, Kept, LOOK, Range, Replay, Replayed, Which,
        },
        time::Timestamp,
    },
    store::{StoreError, form},
};

/// How many of those that wait are looked at for the oldest: more than ever were let in again.
const OLDEST: u32 = 128;

const ENTRY: &str =
    "id, digest, received_at, lane, state, attempts, outcome, length(body), replayed_at";
const ONE: &str = "SELECT id, digest, received_at, lane, state, attempts, outcome, length(body), \
    replayed_at, body FROM inbox WHERE id = ?1";
const ASK: &str = "UPDATE inbox SET state = 4, attempts = 0, outcome = NULL, replayed_at = ?2 \
    WHERE id = ?1 AND state BETWEEN 1 AND 3";
const READMIT: &str = "UPDATE inbox SET state = 0 WHERE id IN (SELECT id FROM inbox \
    WHERE state = 4 AND state >= 2 ORDER BY id LIMIT ?1)";
const WAITING: &str = "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE state = 0 LIMIT ?1)";
const OLDEST_WAITING: &str = "SELECT min(since) FROM (SELECT \
    coalesce(replayed_at, received_at) AS since FROM inbox WHERE state = 0 ORDER BY id LIMIT ?1)";
const UNUSUAL: &str =
    "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE state = ?1 AND state >= 2 LIMIT ?2)";

/// The rows of one progress, from the index that is made for them, in the order of numbers. That an index
/// of some rows has them all is told by repeating its own condition.
const fn of_progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Waiting => "inbox INDEXED BY inbox_waiting WHERE state = 0",
        Progress::Applied => "inbox NOT INDEXED WHERE state = 1",
        Progress::GivenUp => "inbox INDEXED BY inbox_unusual WHERE state = 2 AND state >= 2",
        Progress::InPart => "inbox INDEXED BY inbox_unusual WHERE state = 3 AND state >= 2",
        Progress::Again => "inbox INDEXED BY inbox_unusual WHERE state = 4 AND state >= 2",
    }
}

/// What is over, one way or another.
const OVER: &str = "inbox NOT INDEXED WHERE state BETWEEN 1 AND 3";

/// The parts that together are what is meant.
fn parts(which: Which) -> Vec<&'static str> {
    match which {
        Which::Every => vec!["inbox NOT INDEXED WHERE state >= 0"],
        Which::Waiting | Which::Applied | Which::Failed => {
            which.progresses().iter().map(|progress| of_progress(*progress)).collect()
        }
    }
}

/// A look.
pub(super) fn list(conn: &Connection, query: &JournalQuery) -> Result<Vec<Entry>, StoreError> {
    let JournalQuery { range: Range { from, to }, which, newest_first, limit } = query;
    let (limit, order) = ((*limit).min(LOOK), if *newest_first { "DESC" } else { "ASC" });
    let mut found = Vec::new();
    for part in parts(*which) {
        let sql = format!(
            "SELECT {ENTRY} FROM {part} AND id BETWEEN ?1 AND ?2 ORDER BY id {order} LIMIT ?3"
        );
        let mut look = conn.prepare_cached(&sql).map_err(error::of)?;
        let mut rows = look.query(params![from.0, to.0, limit]).map_err(error::of)?;
        while let Some(row) = rows.next().map_err(error::of)? {
            found.push(entry(row)?);
        }
    }
    found.sort_unstable_by_key(|entry| entry.id);
    if *newest_first {
        found.reverse();
    }
    found.truncate(limit as usize);
    Ok(found)
}

/// One delivery.
pub(super) fn one(conn: &Connection, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
    let mut one = conn.prepare_cached(ONE).map_err(error::of)?;
    let kept = one
        .query_row([id.0], |row| {
            let body: Vec<u8> = row.get(9)?;
            Ok(entry(row).map(|entry| Kept { entry, body: body.into() }))
        })
        .optional()
        .map_err(error::of)?;
    kept.transpose()
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let outcome: Option<Vec<u8>> = row.get(6).map_err(error::of)?;
    let state: u8 = row.get(4).map_err(error::of)?;
    let replayed_at: Option<i64> = row.get(8).map_err(error::of)?;
    Ok(Entry {
        id: DeliveryId(row.get(0).map_err(error::of)?),
        digest: Digest(row.get(1).map_err(error::of)?),
        received_at: Timestamp::from_millis(row.get(2).map_err(error::of)?),
        lane: columns::lane(row.get(3).map_err(error::of)?)?,
        progress: Progress::of_number(state)
            .ok_or_else(|| StoreError::Corrupt(format!("a delivery has state {state}")))?,
        attempts: row.get(5).map_err(error::of)?,
        outcome: outcome.map(|outcome| form::decode(&outcome)).transpose()?,
        size: row.get::<_, i64>(7).map_err(error::of)?.unsigned_abs(),
        replayed_at: replayed_at.map(Timestamp::from_millis),
    })
}

/// Asks for deliveries again.
pub(super) fn replay(conn: &Connection, replay: &Replay) -> Result<Replayed, StoreError> {
    let Replay { range: Range { from, to }, only_failed, at, limit } = replay;
    let limit = (*limit).min(LOOK);
    let parts = if *only_failed { parts(Which::Failed) } else { vec![OVER] };
    let mut meant: Vec<i64> = Vec::new();
    for part in parts {
        let sql = format!("SELECT id FROM {part} AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3");
        let mut look = conn.prepare_cached(&sql).map_err(error::of)?;
        let rows = look.query_map(params![from.0, to.0, limit], |row| row.get(0));
        for id in rows.map_err(error::of)? {
            meant.push(id.map_err(error::of)?);
        }
    }
    meant.sort_unstable();
    meant.truncate(limit as usize);
    let mut ask = conn.prepare_cached(ASK).map_err(error::of)?;
    for id in &meant {
        ask.execute(params![id, at.as_millis()]).map_err(error::of)?;
    }
    let asked = u32::try_from(meant.len()).unwrap_or(u32::MAX);
    let last = meant.last().filter(|_| asked == limit).map(|id| DeliveryId(*id));
    Ok(Replayed { asked, last })
}

/// Lets deliveries that were asked for in among those that wait.
pub(super) fn readmit(conn: &Connection, room: u32) -> Result<u32, StoreError> {
    let room = room.min(LOOK);
    let free = room.saturating_sub(number(conn, WAITING, params![room])?);
    if free == 0 {
        return Ok(0);
    }
    let mut readmit = conn.prepare_cached(READMIT).map_err(error::of)?;
    let count = readmit.execute([free]).map_err(error::of)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How much the journal is behind.
pub(super) fn backlog(conn: &Connection) -> Result<Backlog, StoreError> {
    let unusual = |progress: Progress| number(conn, UNUSUAL, params![progress.number(), COUNT]);
    let oldest: Option<i64> = conn
        .prepare_cached(OLDEST_WAITING)
        .and_then(|mut ask| ask.query_row([OLDEST], |row| row.get(0)))
        .map_err(error::of)?;
    let failed = unusual(Progress::GivenUp)? + unusual(Progress::InPart)?;
    Ok(Backlog {
        waiting: number(conn, WAITING, params![COUNT])?,
        oldest: oldest.map(Timestamp::from_millis),
        again: unusual(Progress::Again)?,
        failed: failed.min(COUNT),
    })
}

/// The one number that a question is about.
fn number(
    conn: &Connection,
    sql: &str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<u32, StoreError> {
    let mut ask = conn.prepare_cached(sql).map_err(error::of)?;
    ask.query_row(params, |row| row.get(0)).map_err(error::of)
}
