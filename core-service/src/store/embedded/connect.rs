//! Connections to the database file, and how each is set.
//!
//! Invariant: a commit is on the disk before it returns (`synchronous=FULL`), and no commit ever
//! stops to copy the log file back: that is the checkpoint thread's work.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::error;
use crate::store::StoreError;

/// How long a connection waits for another one's lock. Only checkpoints ever meet one.
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept prepared per connection; there are fewer different ones.
const STATEMENTS: usize = 96;

/// For the writer, and for setting the folder up.
pub(super) fn for_writing(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags).map_err(error::of)?;
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(error::of)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!("SQLite uses journal mode {mode}, not WAL")));
    }
    conn.pragma_update(None, "synchronous", "FULL").map_err(error::of)?;
    conn.pragma_update(None, "wal_autocheckpoint", 0).map_err(error::of)?;
    conn.pragma_update(None, "cache_size", -16_384).map_err(error::of)?;
    prepared(conn)
}

/// For a reader.
pub(super) fn for_reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags).map_err(error::of)?;
    conn.pragma_update(None, "cache_size", -4_096).map_err(error::of)?;
    prepared(conn)
}

fn prepared(conn: Connection) -> Result<Connection, StoreError> {
    conn.busy_timeout(BUSY).map_err(error::of)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}
