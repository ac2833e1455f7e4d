//! The lanes that this process holds, and the work that is in hand under their leases.
//!
//! Invariant: work begins only on a lane whose lease has not ended by our own monotonic clock, which
//! started before the store's did, and that nobody else waits for; a lane is let go only when none of
//! its work is in hand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{domain::owner::Lane, store::Lease};

/// The lanes of this process; clones share them.
#[derive(Clone)]
pub(super) struct Held(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Grows when a lane opens for work.
    gains: watch::Sender<u64>,
    /// A closed lane has nothing in hand any more.
    idle: Notify,
}

struct State {
    lanes: BTreeMap<Lane, Slot>,
    until: Instant,
    ending: bool,
}

struct Slot {
    term: u64,
    /// No new work begins: the lane is to be given back.
    closed: bool,
    in_hand: usize,
}

/// A piece of work in hand under the lease of its lane; dropping it lets it go. While it lives, the lane
/// is not given back.
pub(super) struct Guard {
    held: Held,
    lane: Lane,
    term: u64,
}

/// How a lease stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It lasts.
    Live,
    /// It has ended. It may go on under its term, if nobody took the lane meanwhile.
    Lapsed,
    /// It has ended for good: the lane goes on under a greater term.
    Lost,
}

// --- what the loops ask

impl Held {
    /// The leases under which new work may begin now.
    pub(super) fn open(&self) -> Vec<Lease> {
        let state = self.state();
        if !state.alive() {
            return Vec::new();
        }
        let open = state.lanes.iter().filter(|(_, slot)| !slot.closed);
        open.map(|(&lane, slot)| Lease { lane, term: slot.term, wanted: false }).collect()
    }

    /// Takes a piece of a lane's work in hand; `None` when no new work may begin there.
    pub(super) fn take(&self, lane: Lane) -> Option<Guard> {
        let mut state = self.state();
        if !state.alive() {
            return None;
        }
        let slot = state.lanes.get_mut(&lane).filter(|slot| !slot.closed)?;
        slot.in_hand += 1;
        Some(Guard { held: self.clone(), lane, term: slot.term })
    }

    /// Changes when a lane opens for work.
    pub(super) fn gains(&self) -> watch::Receiver<u64> {
        self.0.gains.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard {
    /// The term under which the work was taken in hand.
    pub(super) const fn term(&self) -> u64 {
        self.term
    }

    /// How the lease under which the work was taken in hand stands.
    pub(super) fn standing(&self) -> Standing {
        let state = self.held.state();
        let term = state.lanes.get(&self.lane).map(|slot| slot.term);
        if term != Some(self.term) {
            Standing::Lost
        } else if state.alive() {
            Standing::Live
        } else {
            Standing::Lapsed
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = self.held.state();
        // A lane that was lost and came back counts only what was taken in hand since.
        let slot = state.lanes.get_mut(&self.lane).filter(|slot| slot.term == self.term);
        let Some(slot) = slot else { return };
        slot.in_hand -= 1;
        if slot.in_hand == 0 && slot.closed {
            self.held.0.idle.notify_one();
        }
    }
}

impl State {
    fn alive(&self) -> bool {
        Instant::now() < self.until
    }
}

// --- what their keeper tells and asks

impl Held {
    /// Nothing yet.
    pub(super) fn nothing() -> Self {
        let state = State { lanes: BTreeMap::new(), until: Instant::now(), ending: false };
        let (gains, _) = watch::channel(0);
        Self(Arc::new(Shared { state: Mutex::new(state), gains, idle: Notify::new() }))
    }

    /// These are the leases now, until then.
    pub(super) fn renew(&self, leases: &[Lease], until: Instant) {
        let mut state = self.state();
        let mut gained = false;
        let lapsed = !state.alive();
        let mut lanes = BTreeMap::new();
        for &Lease { lane, term, wanted } in leases {
            let known = state.lanes.get(&lane).filter(|slot| slot.term == term);
            let closed = wanted || state.ending;
            gained |= !closed && (lapsed || known.is_none_or(|slot| slot.closed));
            let in_hand = known.map_or(0, |slot| slot.in_hand);
            lanes.insert(lane, Slot { term, closed, in_hand });
        }
        state.lanes = lanes;
        state.until = until;
        drop(state);
        if gained {
            self.0.gains.send_modify(|count| *count += 1);
        }
    }

    /// Closes all lanes for new work, also those that are still to come.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ending = true;
        state.lanes.values_mut().for_each(|slot| slot.closed = true);
    }

    /// Lets go of the closed lanes that have nothing in hand; they are to be given back.
    pub(super) fn let_go(&self) -> Vec<Lane> {
        let mut state = self.state();
        let gone = state.lanes.extract_if(.., |_, slot| slot.closed && slot.in_hand == 0);
        gone.map(|(lane, _)| lane).collect()
    }

    /// Waits until a closed lane may have nothing in hand any more. For one waiter.
    pub(super) async fn idle(&self) {
        self.0.idle.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LENGTH: Duration = Duration::from_secs(15);

    fn lease(lane: Lane, term: u64, wanted: bool) -> Lease {
        Lease { lane, term, wanted }
    }

    fn two() -> (Lane, Lane) {
        let mut lanes = Lane::all();
        (lanes.next().unwrap(), lanes.next().unwrap())
    }

    fn holding(leases: &[Lease]) -> Held {
        let held = Held::nothing();
        held.renew(leases, Instant::now() + LENGTH);
        held
    }

    #[test]
    fn a_process_that_slept_through_its_lease_holds_nothing_when_it_wakes() {
        let (a, b) = two();
        let held = holding(&[lease(a, 1, false), lease(b, 1, false)]);
        let guard = held.take(a).unwrap();
        assert_eq!((held.open().len(), guard.standing()), (2, Standing::Live));
        held.renew(&[lease(a, 1, false), lease(b, 1, false)], Instant::now());
        assert!(held.open().is_empty() && held.take(a).is_none());
        assert_eq!(guard.standing(), Standing::Lapsed);
        // Nobody took it meanwhile: the same lease goes on, with what was in hand.
        held.renew(&[lease(a, 1, true)], Instant::now() + LENGTH);
        assert_eq!((guard.standing(), held.let_go()), (Standing::Live, Vec::new()));
    }

    #[tokio::test]
    async fn a_wanted_lane_takes_no_new_work_and_is_let_go_when_its_last_work_is() {
        let (a, b) = two();
        let held = holding(&[lease(a, 1, false), lease(b, 1, false)]);
        let (first, second) = (held.take(a).unwrap(), held.take(a).unwrap());
        held.renew(&[lease(a, 1, true), lease(b, 1, false)], Instant::now() + LENGTH);
        assert_eq!(held.open(), [lease(b, 1, false)]);
        assert!(held.take(a).is_none() && first.standing() == Standing::Live);
        drop(first);
        assert!(held.let_go().is_empty());
        drop(second);
        held.idle().await;
        assert_eq!(held.let_go(), [a]);
        assert_eq!(held.open(), [lease(b, 1, false)]);
    }

    #[test]
    fn a_lane_that_is_no_longer_wanted_opens_again() {
        let (a, _) = two();
        let held = holding(&[lease(a, 1, true)]);
        let gains = held.gains();
        held.renew(&[lease(a, 1, false)], Instant::now() + LENGTH);
        assert!(held.take(a).is_some() && gains.has_changed().unwrap());
    }

    #[test]
    fn work_of_a_lost_lane_does_not_count_for_the_one_that_came_back() {
        let (a, _) = two();
        let held = holding(&[lease(a, 1, false)]);
        let old = held.take(a).unwrap();
        held.renew(&[], Instant::now() + LENGTH);
        assert!(old.standing() == Standing::Lost && held.take(a).is_none());
        held.renew(&[lease(a, 3, false)], Instant::now() + LENGTH);
        let new = held.take(a).unwrap();
        assert_eq!((old.standing(), old.term(), new.term()), (Standing::Lost, 1, 3));
        drop(old);
        held.end();
        assert!(held.let_go().is_empty() && held.take(a).is_none());
        assert_eq!(new.standing(), Standing::Live);
        drop(new);
        assert_eq!(held.let_go(), [a]);
    }
}
