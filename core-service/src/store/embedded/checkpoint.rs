//! Copies the log file (WAL) back into the database, off the writer's path.
//!
//! Invariant: a commit never waits for a checkpoint, unless the log file has grown to
//! [`INLINE_PAGES`] because the thread cannot keep up; then the writer helps, which bounds the file.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use super::{connect, error, lock::FolderLock};
use crate::store::StoreError;

/// 16 MiB in pages of 4 KiB: worth a checkpoint.
const WORTH_PAGES: i64 = 4_096;
/// 128 MiB: the thread does not keep up.
const INLINE_PAGES: i64 = 32_768;

/// The writer's side: asks for checkpoints when it is time.
#[derive(Debug)]
pub(super) struct Checkpoints {
    wake: mpsc::SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread.
    pub(super) fn start(file: &Path, lock: Arc<FolderLock>) -> Result<Self, StoreError> {
        let conn = connect::for_writing(file)?;
        // One place: a wish that is made while another waits is the same wish.
        let (wake, wishes) = mpsc::sync_channel(1);
        let run = move || {
            while wishes.recv().is_ok() {
                passive(&conn);
            }
            passive(&conn);
            drop(conn);
            drop(lock);
        };
        let thread = thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(run)
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self { wake, thread: Some(thread) })
    }

    /// Looks at the log file after a commit.
    pub(super) fn after_commit(&self, conn: &Connection) {
        match log_pages(conn) {
            Ok(pages) if pages >= INLINE_PAGES => passive(conn),
            Ok(pages) if pages >= WORTH_PAGES => {
                let _ = self.wake.try_send(());
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the size of the store's log is not known"),
        }
    }

    /// Waits for the last checkpoint.
    pub(super) fn finish(self) {
        let Self { wake, thread } = self;
        drop(wake);
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread of the embedded store panicked");
        }
    }
}

/// How many pages of the log file are in use. Costs no input or output.
fn log_pages(conn: &Connection) -> Result<i64, StoreError> {
    let mut noop = conn.prepare_cached("PRAGMA wal_checkpoint(NOOP)").map_err(error::of)?;
    noop.query_row([], |row| row.get(1)).map_err(error::of)
}

fn passive(conn: &Connection) {
    let done = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = done {
        tracing::warn!(%error, "a checkpoint of the embedded store failed; the next one tries again");
    }
}
