//! Opening a folder: lock, database file, schema, the numbers that name this history.
//!
//! Invariant: a folder of a newer schema is refused before anything in it is touched, and one of an older
//! schema is upgraded as a whole or left as it was.

use std::{fs::DirBuilder, path::Path, sync::Arc, time::Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::watch;

use super::{
    Embedded, connect, error, leases::Clock, lock::FolderLock, readers::Readers, schema,
    writer::Writer,
};
use crate::store::{StoreError, tails::Tails};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that read.
    pub readers: usize,
    /// The most pages of 4 KiB that the file may have; `None` means what the disk holds.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, max_pages: None }
    }
}

/// What is read from `meta` when a folder is opened.
struct History {
    epoch: u64,
    opening: i64,
}

impl Embedded {
    /// Opens the store in `folder`, making it when there is none. Blocks: call it at the start, or on
    /// a thread that may block.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the folder cannot be used or another process uses it,
    /// [`StoreError::Corrupt`] when what is there is no store of this version or an older one.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, StoreError> {
        make(folder)?;
        let lock = Arc::new(FolderLock::take(folder)?);
        let file = folder.join("store.sqlite");
        let mut conn = connect::for_writing(&file)?;
        let history = prepare(&mut conn)?;
        if let Some(pages) = options.max_pages {
            conn.pragma_update(None, "max_page_count", pages).map_err(error::of)?;
        }
        let readers = Readers::start(&file, options.readers.max(1), &lock)?;
        let writer = Writer::start(conn, &file, &lock)?;
        Ok(Self {
            writer,
            readers,
            tails: Arc::new(Tails::default()),
            arrivals: Arc::new(watch::Sender::new(0)),
            queued: Arc::new(watch::Sender::new(0)),
            epoch: history.epoch,
            clock: Clock { opening: history.opening, opened: Instant::now() },
        })
    }
}

/// Makes the folder for its owner alone: what is in it is personal data.
fn make(folder: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|e| StoreError::Unavailable(format!("{}: {e}", folder.display())))
}

fn prepare(conn: &mut Connection) -> Result<History, StoreError> {
    let transaction =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error::of)?;
    schema::prepare(&transaction, &schema::STEPS)?;
    let opening = "UPDATE meta SET value = value + 1 WHERE key = 'opening' RETURNING value";
    let opening = transaction.query_row(opening, [], |row| row.get(0)).map_err(error::of)?;
    let epoch = schema::meta(&transaction, "epoch")?.cast_unsigned();
    transaction.commit().map_err(error::of)?;
    Ok(History { epoch, opening })
}
