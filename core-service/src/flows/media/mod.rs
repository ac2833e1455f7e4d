//! The journey of a file: from Meta into the media store, and from there to whoever may see its message.
//!
//! The message's row is the job (`domain/fetch.rs`); the lane of its owner does it (`lanes/media.rs`).
//!
//! Invariant: a row says `STORED` only when the bytes are there for good and are the right ones, and only
//! then are they served.

mod fetch;
mod hasten;
mod serve;
mod settle;

use tokio::sync::watch;

pub use self::{fetch::Fetched, serve::Served};

/// Says that a commit left a file to fetch. A hint within this process: whoever applies what Meta delivered
/// holds the lane, and is who fetches.
#[derive(Debug, Default)]
pub struct Fetches(watch::Sender<u64>);

impl Fetches {
    /// There is something to fetch, or it is due at another time.
    pub(super) fn tell(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Grows with every hint.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
