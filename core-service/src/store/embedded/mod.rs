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
mod consents;
mod door;
mod error;
mod expect;
mod fetches;
mod inbox;
mod journal;
mod leases;
mod list;
mod load;
mod lock;
mod log;
mod open;
mod outbox;
mod put;
mod readers;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use tokio::sync::watch;

pub use self::open::Options;
use self::{leases::Clock, readers::Readers, writer::Writer};
use crate::store::tails::Tails;

/// The embedded store. Dropping it lets its threads finish what waits; closing it also waits for them,
/// copies the log file back and gives the folder free.
#[derive(Debug)]
pub struct Embedded {
    writer: Writer,
    readers: Readers,
    tails: Arc<Tails>,
    arrivals: Arc<watch::Sender<u64>>,
    queued: Arc<watch::Sender<u64>>,
    epoch: u64,
    clock: Clock,
}
