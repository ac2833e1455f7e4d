//! Who listens to which owner's log.
//!
//! Invariant: a position is told only after its commit is durable, and never falls. Owners whom
//! nobody listens to cost nothing for long.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::domain::{event::Position, owner::Owner};

/// So many owners are kept before the first look for those whom nobody listens to.
const FIRST_SWEEP: usize = 64;

/// The ends of the logs that somebody listens to.
#[derive(Debug, Default)]
pub(super) struct Tails {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    senders: HashMap<Owner, watch::Sender<Position>>,
    sweep_at: usize,
}

impl Default for Inner {
    fn default() -> Self {
        Self { senders: HashMap::new(), sweep_at: FIRST_SWEEP }
    }
}

impl Tails {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens. Before the next commit the position may be lower than the log's end.
    pub(super) fn listen(&self, owner: &Owner) -> watch::Receiver<Position> {
        let mut inner = self.lock();
        if inner.senders.len() >= inner.sweep_at {
            inner.senders.retain(|_, sender| sender.receiver_count() > 0);
            // Doubling keeps the sweeps' cost constant per listener.
            inner.sweep_at = (inner.senders.len() * 2).max(FIRST_SWEEP);
        }
        let new = || watch::Sender::new(Position::default());
        inner.senders.entry(owner.clone()).or_insert_with(new).subscribe()
    }

    /// The owners whom somebody listens to.
    pub(super) fn listened(&self) -> Vec<Owner> {
        let listened = |(owner, sender): (&Owner, &watch::Sender<Position>)| {
            (sender.receiver_count() > 0).then(|| owner.clone())
        };
        self.lock().senders.iter().filter_map(listened).collect()
    }

    /// Tells the listeners of an owner that its log reaches `position`.
    pub(super) fn announce(&self, owner: &Owner, position: Position) {
        let mut inner = self.lock();
        let Some(sender) = inner.senders.get(owner) else { return };
        if sender.receiver_count() == 0 {
            inner.senders.remove(owner);
            return;
        }
        sender.send_if_modified(|known| {
            let grown = position > *known;
            *known = position.max(*known);
            grown
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(n: usize) -> Owner {
        Owner::parse(&format!("{n}@linkojob.test")).unwrap()
    }

    #[test]
    fn owners_whom_nobody_listens_to_are_forgotten() {
        let tails = Tails::default();
        let kept = tails.listen(&owner(0));
        for n in 1..10 * FIRST_SWEEP {
            drop(tails.listen(&owner(n)));
        }
        assert!(tails.lock().senders.len() <= FIRST_SWEEP);
        tails.announce(&owner(0), Position(3));
        assert_eq!(*kept.borrow(), Position(3));
    }

    #[test]
    fn a_position_never_falls() {
        let tails = Tails::default();
        let mut tail = tails.listen(&owner(0));
        tails.announce(&owner(0), Position(3));
        tail.mark_unchanged();
        tails.announce(&owner(0), Position(2));
        assert!(!tail.has_changed().unwrap());
        assert_eq!(*tail.borrow(), Position(3));
    }
}
