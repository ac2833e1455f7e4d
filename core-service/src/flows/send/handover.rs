//! From whoever records a send to the outbox of the same process, past the store.
//!
//! Invariant: nothing depends on it; what is not handed over is in the store's outbox, where whoever
//! holds its lane finds it.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use super::queued::Queued;
use crate::domain::owner::{LANES, Lane};

/// So many may wait to be taken; the outbox finds the rest in the store.
const WAITING: usize = 512;

const _: () = assert!(LANES as u32 <= u64::BITS, "a lane is a bit");

/// What was just recorded, on its way to the outbox.
#[derive(Debug, Default)]
pub struct Handover {
    /// The lanes that the outbox sends for, a bit each.
    open: AtomicU64,
    waiting: Mutex<VecDeque<Queued>>,
    offered: Notify,
    /// How many were handed over or are about to be: so many of the store's hints say nothing new.
    promised: AtomicI64,
}

/// A message that is about to be recorded and handed over; dropping it takes the promise back.
pub(super) struct Promise<'a>(&'a Handover);

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        self.0.promised.fetch_sub(1, Ordering::Relaxed);
        self.0.offered.notify_one();
    }
}

impl Promise<'_> {
    /// Hands a message over. False when it is not sent from here, or not at once.
    pub(super) fn offer(self, queued: Queued) -> bool {
        let offered = self.0.offer(queued);
        if offered {
            std::mem::forget(self);
        }
        offered
    }
}

impl Handover {
    /// Says, before it is recorded, that a message will be handed over.
    pub(super) fn promise(&self) -> Promise<'_> {
        self.promised.fetch_add(1, Ordering::Relaxed);
        Promise(self)
    }

    /// How many were handed over or are about to be.
    pub fn promised(&self) -> i64 {
        self.promised.load(Ordering::Relaxed)
    }

    fn offer(&self, queued: Queued) -> bool {
        let lane = bit(queued.message().owner.lane());
        if self.open.load(Ordering::Relaxed) & lane == 0 {
            return false;
        }
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING {
            return false;
        }
        waiting.push_back(queued);
        drop(waiting);
        self.offered.notify_one();
        true
    }

    /// The outbox says which lanes it sends for.
    pub fn open(&self, lanes: impl IntoIterator<Item = Lane>) {
        let open = lanes.into_iter().fold(0, |open, lane| open | bit(lane));
        self.open.store(open, Ordering::Relaxed);
    }

    /// Takes what was handed over.
    pub fn take(&self) -> VecDeque<Queued> {
        std::mem::take(&mut *self.waiting())
    }

    /// Waits until something was handed over. For one waiter.
    pub async fn woken(&self) {
        self.offered.notified().await;
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Queued>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn bit(lane: Lane) -> u64 {
    1 << lane.number()
}
