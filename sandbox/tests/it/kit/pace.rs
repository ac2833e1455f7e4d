//! How acknowledgements follow each other.

use std::{
    iter,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// When things of one kind were acknowledged.
#[derive(Debug, Default)]
pub struct Pace(Mutex<Vec<Instant>>);

impl Pace {
    /// One more, now.
    pub(super) fn acknowledged(&self) {
        let mut times = self.times();
        times.push(Instant::now());
    }

    /// How many so far.
    pub fn count(&self) -> usize {
        self.times().len()
    }

    /// The longest time in which nothing was acknowledged, from then until the last one.
    pub fn longest_pause(&self, since: Instant) -> Duration {
        let times = self.times();
        let later = times.iter().copied().filter(|time| *time > since);
        let before = iter::once(since).chain(later.clone());
        before.zip(later).map(|(one, next)| next - one).max().unwrap_or_default()
    }

    /// In order, as the clock is read under the lock.
    fn times(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
