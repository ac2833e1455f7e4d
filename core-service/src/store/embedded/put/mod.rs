//! Rows to tables, one file per table.
//!
//! Each `put` updates the owner's row and inserts when there is none. That order leaves an id that
//! another owner has, and every other unique key that is taken, to the constraints: they are
//! conflicts.

use rusqlite::{Connection, Params};

use super::error;
use crate::store::StoreError;

pub(super) mod client;
pub(super) mod conversation;
pub(super) mod message;
pub(super) mod orphan;
pub(super) mod template;

/// Runs a statement and tells how many rows it changed.
fn run(conn: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    conn.prepare_cached(sql).and_then(|mut s| s.execute(params)).map_err(error::of)
}
