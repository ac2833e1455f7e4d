//! The schema of a folder, as the steps that lead to it.
//!
//! A new folder takes every step, an older one those that it lacks, so both end with the same schema. To
//! change it, add a step; its version is its place in the list.
//!
//! Invariant: a step that was released is never edited, and a folder is at a version as a whole: its steps
//! and its version are written in one transaction.

use rusqlite::{Connection, OptionalExtension};

use super::error;
use crate::{domain::owner::Lane, store::StoreError};

/// What leads from each version to the next, the first one from nothing to 1.
pub(super) const STEPS: [&str; 4] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// Brings a folder to the version of the last of these steps, within the caller's transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is of a version that is not among them; nothing was touched then.
pub(super) fn prepare(conn: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let Some(version) = version(conn)? else {
        climb(conn, steps)?;
        return found(conn, newest);
    };
    let known = usize::try_from(version).ok().filter(|version| *version > 0);
    let lacking = known.and_then(|version| steps.get(version..)).ok_or_else(|| {
        StoreError::Corrupt(format!("the folder has schema {version}, this version knows {newest}"))
    })?;
    if lacking.is_empty() {
        return Ok(());
    }
    tracing::info!(from = version, to = newest, "the store's folder gets a newer schema");
    climb(conn, lacking)?;
    let raise = "UPDATE meta SET value = ?1 WHERE key = 'schema'";
    conn.execute(raise, [newest]).map(|_| ()).map_err(error::of)
}

fn version(conn: &Connection) -> Result<Option<i64>, StoreError> {
    let exists = conn.table_exists(None, "meta").map_err(error::of)?;
    exists.then(|| meta(conn, "schema")).transpose()
}

fn climb(conn: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    steps.iter().try_for_each(|step| conn.execute_batch(step).map_err(error::of))
}

/// Writes what a new folder begins with.
fn found(conn: &Connection, version: i64) -> Result<(), StoreError> {
    let insert = "INSERT INTO meta (key, value) VALUES (?1, ?2)";
    let epoch = rand::random::<u64>().cast_signed();
    for (key, value) in [("schema", version), ("epoch", epoch), ("opening", 0)] {
        conn.execute(insert, (key, value)).map_err(error::of)?;
    }
    let insert = "INSERT INTO lanes (lane, term, opening, until) VALUES (?1, 0, 0, 0)";
    for lane in Lane::all() {
        conn.execute(insert, [lane.number()]).map_err(error::of)?;
    }
    Ok(())
}

/// A number of the folder.
pub(super) fn meta(conn: &Connection, key: &str) -> Result<i64, StoreError> {
    let select = "SELECT value FROM meta WHERE key = ?1";
    let value = conn.query_row(select, [key], |row| row.get(0)).optional().map_err(error::of)?;
    value.ok_or_else(|| StoreError::Corrupt(format!("the folder has no {key}")))
}
