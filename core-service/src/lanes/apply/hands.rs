//! The lanes that are at work, and how much they have in hand.
//!
//! Invariant: a lane is at work once at a time, and what all have in hand together is bounded.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

use super::lane::Ended;
use crate::domain::owner::Lane;

/// When so many deliveries are in hand, no more are read. One read is a quarter of it, so one slow lane
/// leaves room for the others.
const MOST: usize = 512;
/// The same in bytes of bodies.
const MOST_BYTES: usize = 8 << 20;

/// What one lane has in hand.
struct Hand {
    lane: Lane,
    deliveries: usize,
    bytes: usize,
}

/// The lanes at work.
#[derive(Default)]
pub(super) struct Hands {
    work: JoinSet<Ended>,
    lanes: HashMap<Id, Hand>,
}

impl Hands {
    /// Sets a lane to work.
    pub(super) fn begin(
        &mut self,
        lane: Lane,
        deliveries: usize,
        bytes: usize,
        work: impl Future<Output = Ended> + Send + 'static,
    ) {
        let task = self.work.spawn(work);
        self.lanes.insert(task.id(), Hand { lane, deliveries, bytes });
    }

    /// True when the lane is at work.
    pub(super) fn has(&self, lane: Lane) -> bool {
        self.lanes.values().any(|hand| hand.lane == lane)
    }

    /// True when no lane is at work.
    pub(super) fn are_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// True when no more may be taken.
    pub(super) fn are_full(&self) -> bool {
        let deliveries: usize = self.lanes.values().map(|hand| hand.deliveries).sum();
        let bytes: usize = self.lanes.values().map(|hand| hand.bytes).sum();
        deliveries >= MOST || bytes >= MOST_BYTES
    }

    /// Waits for the next lane that ends its work; `None` when none is at work.
    pub(super) async fn next(&mut self) -> Option<(Lane, Ended)> {
        let (id, ended) = match self.work.join_next_with_id().await? {
            Ok(done) => done,
            Err(broken) => (broken.id(), Ended::Away(broken.to_string())),
        };
        self.lanes.remove(&id).map(|hand| (hand.lane, ended))
    }
}
