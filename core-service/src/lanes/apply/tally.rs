//! What a lane at work has settled so far.
//!
//! Invariant: what was set aside is counted once for each delivery, also when its neighbours fail and are
//! applied again; what is settled is not applied with them again.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::domain::delivery::{DeliveryId, Settlement};

/// The deliveries that are settled.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<HashSet<DeliveryId>>);

impl Tally {
    /// Takes settlements down; how many elements of them were set aside that were not counted before.
    pub(super) fn take(&self, settled: &[Settlement]) -> usize {
        let mut known = self.known();
        let new = settled.iter().filter(|done| known.insert(done.id));
        new.map(|done| done.outcome.set_aside().len()).sum()
    }

    /// True for a delivery that is settled.
    pub(super) fn has(&self, id: DeliveryId) -> bool {
        self.known().contains(&id)
    }

    fn known(&self) -> MutexGuard<'_, HashSet<DeliveryId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
