//! When the outbox looks at the store.
//!
//! Invariant: a hint is followed within a moment, however many come; without any, the store is looked at
//! every second all the same, as a hint may be lost.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use crate::{clock::Clock, domain::time::Timestamp};

/// How often the store is looked at although nothing asked for it.
const BELT: Duration = Duration::from_secs(1);
/// How long a hint waits: most are about what is handed over in the same moment, and what comes
/// together is found together.
const GRACE: Duration = Duration::from_millis(10);
/// The least time between two looks.
const REST: Duration = Duration::from_millis(25);
/// So many times are remembered at which something is due again; the belt finds the rest.
const TIMES: usize = 1_024;

/// When to look next, and for what.
pub(super) struct Looks {
    last: Instant,
    /// Somebody asked for a look at this time.
    asked: Option<Instant>,
    /// When what was put off here is due again.
    put_off: BTreeSet<Timestamp>,
    /// The earliest of what others put off.
    found: Option<Timestamp>,
    /// Something else may be put off: ask for it from this time on.
    unknown: Option<Instant>,
}

impl Default for Looks {
    fn default() -> Self {
        let now = Instant::now();
        let (asked, unknown) = (Some(now), Some(now));
        Self { last: now, asked, put_off: BTreeSet::new(), found: None, unknown }
    }
}

impl Looks {
    /// There is something in the store, or there may be.
    pub(super) fn soon(&mut self) {
        if self.asked.is_none() {
            self.asked = Some((Instant::now() + GRACE).max(self.last + REST));
        }
    }

    /// There are lanes that were not looked at yet.
    pub(super) fn at_once(&mut self) {
        self.asked = Some(Instant::now());
    }

    /// A message of ours is due again at this time.
    pub(super) fn put_off(&mut self, due: Timestamp) {
        self.put_off.insert(due);
        if self.put_off.len() > TIMES {
            self.put_off.pop_last();
        }
    }

    /// Others may have put something off.
    pub(super) fn know_nothing(&mut self) {
        (self.found, self.unknown) = (None, Some(Instant::now()));
    }

    /// True when the store is to be asked for what is due next.
    pub(super) fn asks_next_due(&self) -> bool {
        self.unknown.is_some_and(|from| from <= Instant::now())
    }

    /// What the store said is due next.
    pub(super) fn next_due(&mut self, next: Option<Timestamp>, now: Timestamp) {
        // One that is due already is on the desk, and hides what comes behind it for a while.
        let hidden = next.is_some_and(|due| due <= now);
        self.unknown = hidden.then(|| Instant::now() + BELT);
        self.found = next.filter(|_| !hidden);
    }

    /// True when it is time to look.
    pub(super) fn is_time(&self) -> bool {
        Instant::now() >= self.time()
    }

    fn time(&self) -> Instant {
        let belt = self.last + BELT;
        self.asked.map_or(belt, |asked| asked.min(belt))
    }

    /// A look begins, for what is due now.
    pub(super) fn begin(&mut self, now: Timestamp) {
        (self.last, self.asked) = (Instant::now(), None);
        self.put_off.retain(|due| *due > now);
        if self.found.is_some_and(|due| due <= now) {
            // What comes behind it was not told.
            self.know_nothing();
        }
    }

    /// Waits until it is time to look, or something is due again.
    pub(super) async fn wait(&mut self, clock: &Clock) {
        let due = self.put_off.first().copied().into_iter().chain(self.found).min();
        let is_due = async {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tokio::time::sleep_until(self.time()) => {}
            () = is_due => self.at_once(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// Lets time pass.
    fn pass(looks: &mut Looks, time: Duration) {
        looks.last -= time;
        looks.asked = looks.asked.map(|at| at - time);
        looks.unknown = looks.unknown.map(|at| at - time);
    }

    #[test]
    fn hints_are_followed_within_a_moment_however_many_come() {
        let mut looks = Looks::default();
        assert!(looks.is_time());
        looks.begin(NOON);
        looks.soon();
        looks.soon();
        assert!(!looks.is_time());
        pass(&mut looks, REST);
        assert!(looks.is_time());
        looks.begin(NOON);
        pass(&mut looks, BELT / 2);
        assert!(!looks.is_time());
        pass(&mut looks, BELT / 2);
        assert!(looks.is_time());
    }

    #[test]
    fn the_store_is_asked_for_what_is_due_next_only_while_that_is_not_known() {
        let mut looks = Looks::default();
        assert!(looks.asks_next_due());
        looks.next_due(None, NOON);
        assert!(!looks.asks_next_due());
        looks.know_nothing();
        looks.next_due(Some(NOON + HOUR), NOON);
        assert!(!looks.asks_next_due());
        // Its time has come: there may be others behind it.
        looks.begin(NOON + HOUR);
        assert!(looks.asks_next_due());
        looks.next_due(Some(NOON), NOON + HOUR);
        assert!(!looks.asks_next_due());
        pass(&mut looks, BELT);
        assert!(looks.asks_next_due());
    }

    #[tokio::test]
    async fn what_was_put_off_is_looked_for_when_it_is_due() {
        let (mut looks, clock) = (Looks::default(), Clock::default());
        looks.begin(clock.now());
        looks.last += HOUR;
        looks.put_off(clock.now() + HOUR);
        looks.put_off(clock.now() + 2 * HOUR);
        let mover = clock.clone();
        let moved = async move { mover.set_offset_millis(3_600_001) };
        tokio::join!(looks.wait(&clock), moved);
        assert!(looks.is_time());
        looks.begin(clock.now());
        assert_eq!(looks.put_off.len(), 1);
    }
}
