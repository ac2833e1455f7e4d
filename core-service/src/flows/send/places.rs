//! Places on the way to Meta, for messages that go at once.
//!
//! A message that finds a place is recorded and taken up in one commit; every other one is queued, and
//! taken up when its turn comes.
//!
//! Invariant: a place is kept from before a message is recorded until the store has said what became of
//! it, so whatever is `SENDING` under a term of ours is in somebody's hand.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use super::{deliver::Taken, queued::Queued};
use crate::domain::{ids::MessageId, owner::Owner};

/// Whoever has the places.
pub trait Places: fmt::Debug + Send + Sync {
    /// A place for a message of this owner that is about to be recorded; `None` when none is free, when
    /// others wait for one, or when the owner's lane is another process's.
    fn take(&self, owner: &Owner, message: MessageId) -> Option<Box<dyn Place>>;
}

/// A place, under the lease of its owner's lane; dropping it frees it.
pub trait Place: Send {
    /// The term of the lease.
    fn term(&self) -> u64;

    /// Sends what was recorded as taken up, and keeps the place until that is settled.
    fn send(self: Box<Self>, taken: Taken);

    /// Nobody knows whether the message was recorded: finds out, and goes on from there.
    fn find_out(self: Box<Self>, message: Queued);
}

/// The way to whoever has the places.
#[derive(Debug, Default)]
pub struct Counter(RwLock<Option<Arc<dyn Places>>>);

impl Counter {
    /// There are places.
    pub fn open(&self, places: Arc<dyn Places>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(places);
    }

    /// There are none any more.
    pub fn close(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A place, when one is free.
    pub(super) fn take(&self, owner: &Owner, message: MessageId) -> Option<Box<dyn Place>> {
        let places = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        places?.take(owner, message)
    }
}
