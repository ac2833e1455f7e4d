//! The line in which work waits to be done together.
//!
//! What finds nothing under way goes at once, what comes meanwhile goes together: groups grow with the
//! load, and nobody waits for a timer.
//!
//! Invariant: what waits is bounded in number and bytes; whoever waits is answered or told that it is too
//! late; what nobody waits for any more is dropped and stops nothing behind it.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::error;
use crate::store::StoreError;

/// A group that has so many bytes takes nothing further.
const GROUP_BYTES: usize = 2 << 20;
/// So many groups are under way at once.
const GROUPS: usize = 2;
/// So many may wait.
const WAITING: usize = 4_096;
/// So many bytes may wait.
const WAITING_BYTES: usize = 64 << 20;

/// Something to write, and who waits for it.
pub(super) struct Work<T, A> {
    /// What.
    pub(super) item: T,
    /// Afterwards it is too late.
    pub(super) until: Instant,
    bytes: usize,
    answer: oneshot::Sender<Result<A, StoreError>>,
}

impl<T, A> Work<T, A> {
    /// Answers. Whoever asked may have gone; what was written stays written.
    pub(super) fn answer(self, answer: Result<A, StoreError>) {
        let _ = self.answer.send(answer);
    }
}

/// When the last one of a group is too late.
pub(super) fn last<T, A>(works: &[Work<T, A>]) -> Instant {
    works.iter().map(|work| work.until).max().unwrap_or_else(Instant::now)
}

/// Somebody who waits.
pub(super) struct Ticket<A> {
    until: Instant,
    answered: oneshot::Receiver<Result<A, StoreError>>,
}

impl<A> Ticket<A> {
    /// Waits for the answer, no longer than it is worth waiting for.
    pub(super) async fn answer(self) -> Result<A, StoreError> {
        match timeout_at(self.until, self.answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(error::broken()),
            Err(_) => Err(error::late()),
        }
    }
}

/// What waits, and how much is under way.
pub(super) struct Line<T, A> {
    /// The most of one group.
    group: usize,
    waiting: VecDeque<Work<T, A>>,
    bytes: usize,
    groups: usize,
    closed: bool,
}

impl<T, A> Line<T, A> {
    /// An empty line, of which so many go together at most.
    pub(super) fn new(group: usize) -> Self {
        Self { group, waiting: VecDeque::new(), bytes: 0, groups: 0, closed: false }
    }

    /// Takes something in, unless there is no room or the line is closed.
    pub(super) fn enter(
        &mut self,
        item: T,
        bytes: usize,
        patience: Duration,
    ) -> Result<Ticket<A>, StoreError> {
        if self.closed {
            return Err(error::closed());
        }
        if self.waiting.len() >= WAITING || self.bytes >= WAITING_BYTES {
            return Err(error::busy());
        }
        let until = Instant::now() + patience;
        let (answer, answered) = oneshot::channel();
        self.bytes += bytes;
        self.waiting.push_back(Work { item, until, bytes, answer });
        Ok(Ticket { until, answered })
    }

    /// The next group, when one can start: the first ones of those that may go now. It is under way until
    /// [`Line::finish`].
    pub(super) fn gather(&mut self, mut may_go: impl FnMut(&T) -> bool) -> Option<Vec<Work<T, A>>> {
        if self.groups >= GROUPS {
            return None;
        }
        let (mut group, mut bytes, mut rest) = (Vec::new(), 0, VecDeque::new());
        while group.len() < self.group && bytes < GROUP_BYTES {
            let Some(work) = self.waiting.pop_front() else { break };
            if work.answer.is_closed() {
                self.bytes -= work.bytes;
            } else if may_go(&work.item) {
                bytes += work.bytes;
                group.push(work);
            } else {
                rest.push_back(work);
            }
        }
        rest.append(&mut self.waiting);
        self.waiting = rest;
        self.bytes -= bytes;
        if group.is_empty() {
            return None;
        }
        self.groups += 1;
        Some(group)
    }

    /// A group is not under way any more.
    pub(super) fn finish(&mut self) {
        self.groups -= 1;
    }

    /// Takes nothing further in.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn items(group: Option<Vec<Work<u32, ()>>>) -> Vec<u32> {
        group.into_iter().flatten().map(|work| work.item).collect()
    }

    #[test]
    fn what_nobody_waits_for_any_more_stops_nothing_behind_it() {
        let mut line = Line::<u32, ()>::new(2);
        for item in 0..5 {
            drop(line.enter(item, 1, LONG).unwrap());
        }
        let _waits = line.enter(5, 1, LONG).unwrap();
        assert_eq!(items(line.gather(|_| true)), [5]);
        assert_eq!(line.bytes, 0);
    }

    #[test]
    fn what_may_not_go_yet_keeps_its_place() {
        let mut line = Line::<u32, ()>::new(2);
        let _wait: Vec<_> = (0..6).map(|item| line.enter(item, 1, LONG).unwrap()).collect();
        assert_eq!(items(line.gather(|item| item % 2 == 1)), [1, 3]);
        assert_eq!(items(line.gather(|_| true)), [0, 2]);
        // Two are under way.
        assert!(line.gather(|_| true).is_none());
        line.finish();
        assert_eq!(items(line.gather(|_| true)), [4, 5]);
    }

    #[test]
    fn what_waits_and_what_goes_together_is_bounded_in_bytes() {
        let mut line = Line::<u32, ()>::new(100);
        let mut waits = Vec::new();
        let refused = loop {
            match line.enter(0, 1 << 20, LONG) {
                Ok(ticket) => waits.push(ticket),
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused, error::busy());
        assert_eq!(waits.len(), WAITING_BYTES.div_ceil(1 << 20));
        assert_eq!(items(line.gather(|_| true)).len(), 2);
        line.close();
        assert!(line.enter(0, 1, LONG).is_err_and(|e| e == error::closed()));
    }
}
