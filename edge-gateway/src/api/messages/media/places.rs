//! Places for files on their way out.
//!
//! Invariant: no caller has more than a share of the places, so that one who opens many files, or never
//! reads them, leaves room for the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    identity::Email,
    limits::{DOWNLOADS_AT_ONCE, DOWNLOADS_OF_ONE},
};

/// All places. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    taken: Arc<Taken>,
}

/// How many places each caller has who has any.
#[derive(Debug, Default)]
struct Taken(Mutex<HashMap<Email, usize>>);

impl Default for Places {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(DOWNLOADS_AT_ONCE)), taken: Arc::default() }
    }
}

impl Places {
    /// A place, when there is one and the caller may have it.
    pub(super) fn take(&self, caller: &Email) -> Option<Place> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let mut taken = self.taken.lock();
        let own = taken.entry(caller.clone()).or_default();
        // Nobody is left there without a place: a share is more than none.
        if *own >= DOWNLOADS_OF_ONE {
            return None;
        }
        *own += 1;
        let (taken, caller) = (Arc::clone(&self.taken), caller.clone());
        Some(Place { _permit: permit, taken, caller })
    }
}

impl Taken {
    fn lock(&self) -> MutexGuard<'_, HashMap<Email, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    taken: Arc<Taken>,
    caller: Email,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        if let Some(own) = taken.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_a_share_and_all_have_all_and_nothing_is_kept() {
        let places = Places::default();
        let caller = |n: usize| Email::parse(&format!("{n}@linkojob.test")).expect("an address");
        let mut held = Vec::new();
        for n in 0..DOWNLOADS_AT_ONCE / DOWNLOADS_OF_ONE {
            held.extend((0..DOWNLOADS_OF_ONE).map(|_| places.take(&caller(n)).expect("a place")));
            assert!(places.take(&caller(n)).is_none(), "more than a share");
        }
        assert!(places.take(&caller(1_000)).is_none(), "more than there are");
        held.truncate(DOWNLOADS_OF_ONE);
        assert!(places.take(&caller(0)).is_none());
        assert!(places.take(&caller(1_000)).is_some());
        held.clear();
        assert!(places.taken.lock().is_empty());
        assert_eq!(places.free.available_permits(), DOWNLOADS_AT_ONCE);
    }
}
