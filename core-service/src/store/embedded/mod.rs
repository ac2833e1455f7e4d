//! The store in one folder, on SQLite: no other software, one process.
//!
//! One thread writes and groups what waits into one transaction with one sync (`writer`); a few
//! threads read, each call from one state (`readers`); a thread copies the log file back
//! (`checkpoint`). Callers are async and never block.
//!
//! Invariant: what was answered `Ok` survives a crash of the process and of the machine; a second
//! process on the same folder is refused.

mod checkpoint;
mod columns;
mod commit;
mod connect;
mod door;
mod error;
mod expect;
mod inbox;
mod leases;
mod list;
mod load;
mod lock;
mod log;
mod open;
mod outbox;
mod prepare;
mod put;
mod readers;
mod store;
mod tails;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use tokio::sync::watch;

pub use self::open::Options;
use self::{leases::Clock, readers::Readers, tails::Tails, writer::Writer};

/// The embedded store. Dropping it lets its threads finish what waits; [`Embedded::close`] also
/// waits for them.
#[derive(Debug)]
pub struct Embedded {
    writer: Writer,
    readers: Readers,
    tails: Arc<Tails>,
    arrivals: Arc<watch::Sender<u64>>,
    epoch: u64,
    clock: Clock,
}

impl Embedded {
    /// How many times a group of writes was made durable since the store was opened.
    pub fn syncs(&self) -> u64 {
        self.writer.syncs()
    }

    /// Finishes what waits, copies the log file back and gives the folder free. Afterwards every
    /// call is `Unavailable`.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
