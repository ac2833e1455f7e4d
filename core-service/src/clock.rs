//! The business clock: real time plus an offset that tests and the sandbox may move.
//!
//! Invariant: it is the only place that reads the wall clock. Leases, timeouts and heartbeats never use
//! it; they run on monotonic time or on the store's.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::watch;

use crate::domain::time::Timestamp;

/// A handle on business time; clones share one offset.
#[derive(Debug, Clone)]
pub struct Clock {
    offset: Arc<watch::Sender<i64>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: Arc::new(watch::Sender::new(0)) }
    }
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(wall_clock().saturating_add(*self.offset.borrow()))
    }

    /// How far it is ahead of real time, in milliseconds.
    pub fn offset_millis(&self) -> i64 {
        *self.offset.borrow()
    }

    /// Sets how far it is ahead of real time, in milliseconds; wakes every sleeper.
    pub fn set_offset_millis(&self, millis: i64) {
        self.offset.send_replace(millis);
    }

    /// Follows the offset: changes when somebody moves the clock.
    pub fn moves(&self) -> watch::Receiver<i64> {
        self.offset.subscribe()
    }

    /// Waits until it is `when`, also when the clock is moved there.
    pub async fn sleep_until(&self, when: Timestamp) {
        let mut moves = self.moves();
        loop {
            let left = when.since(self.now());
            if left.is_zero() {
                return;
            }
            // A far deadline is looked at again now and then; the clock may also be moved back.
            let nap = left.min(Duration::from_secs(60));
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                // The sender lives in `self`, so this never ends with an error.
                _ = moves.changed() => {}
            }
        }
    }
}

/// Milliseconds since the Unix epoch by the machine's clock; a clock before 1970 counts as 1970.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
