//! Webhooks that wait: for their time, for an attempt, or for an answer.
//!
//! Invariant: a delivery is in `pending` from the moment it is enqueued until it is settled, also
//! while an attempt is under way, so a snapshot never misses one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Deliveries kept at once; what comes beyond is counted as failed.
const MAX_PENDING: usize = 200_000;
/// Meta gives up after this.
const LIFETIME_MS: i64 = 7 * 86_400_000;
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 6 * 3_600_000;

/// Whom a webhook is about, for the rules.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Subject {
    /// The business number.
    pub phone_number_id: Option<String>,
    /// `wa_id` of the person.
    pub to: Option<String>,
}

/// One webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The bytes to send.
    pub body: Arc<str>,
    /// Whom it is about.
    pub subject: Subject,
    /// Business time (ms) of its first attempt.
    pub first_due: i64,
    /// Attempts made.
    pub attempts: u32,
    /// Whether another webhook was already let past.
    pub overtaken: bool,
}

impl Delivery {
    /// A webhook that nobody tried yet.
    #[must_use]
    pub fn new(body: String, subject: Subject, due: i64) -> Self {
        Self { body: body.into(), subject, first_due: due, attempts: 0, overtaken: false }
    }

    /// When to try again: at once, then after growing pauses; nothing when its time is over.
    fn next_due(&self, now: i64) -> Option<i64> {
        let pause = match self.attempts {
            0 | 1 => 0,
            // Sixteen doublings are beyond the longest pause already.
            n => (FIRST_PAUSE_MS << (n - 2).min(16)).min(LONGEST_PAUSE_MS),
        };
        let due = now + pause;
        (due <= self.first_due + LIFETIME_MS).then_some(due)
    }
}

/// What happened so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counters {
    /// Answered with 200.
    pub delivered: u64,
    /// Attempts after the first.
    pub retried: u64,
    /// Given up, or refused because too many wait.
    pub failed: u64,
    /// Attempts made.
    pub attempts: u64,
}

/// All webhooks that are not settled.
#[derive(Debug, Default)]
pub struct Queue {
    pending: BTreeMap<u64, Delivery>,
    due: BTreeSet<(i64, u64)>,
    /// Let others past; due again after the next settled one, at the latest at their time in `due`.
    overtaken: Vec<u64>,
    /// Kept back by a rule.
    held: Vec<u64>,
    waiting: HashMap<u64, oneshot::Sender<bool>>,
    in_flight: usize,
    last_id: u64,
    counters: Counters,
}

impl Queue {
    /// A queue with what was saved, everything due at once.
    #[must_use]
    pub fn restored(saved: Vec<Delivery>) -> Self {
        let mut queue = Self::default();
        for delivery in saved {
            queue.push(delivery);
        }
        queue
    }

    /// Everything not settled, to save it.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Delivery> {
        self.pending.values().cloned().collect()
    }

    /// Takes a delivery in; nothing when there are too many.
    pub fn push(&mut self, delivery: Delivery) -> Option<u64> {
        let due = delivery.first_due;
        let id = self.keep(delivery)?;
        self.due.insert((due, id));
        Some(id)
    }

    /// Takes a delivery in that waits for [`Queue::release`].
    pub fn hold(&mut self, delivery: Delivery) {
        if let Some(id) = self.keep(delivery) {
            self.held.push(id);
        }
    }

    fn keep(&mut self, delivery: Delivery) -> Option<u64> {
        if self.pending.len() >= MAX_PENDING {
            self.counters.failed += 1;
            return None;
        }
        self.last_id += 1;
        self.pending.insert(self.last_id, delivery);
        Some(self.last_id)
    }

    /// Resolves with true when this delivery is acknowledged, false when it is given up.
    pub fn on_settled(&mut self, id: u64) -> oneshot::Receiver<bool> {
        let (tell, told) = oneshot::channel();
        self.waiting.insert(id, tell);
        told
    }

    /// Lets everything go that a rule held back.
    pub fn release(&mut self, now: i64) {
        for id in self.held.drain(..) {
            self.due.insert((now, id));
        }
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes the next one that is due; it stays pending until it is settled or put back.
    pub fn take(&mut self, now: i64) -> Option<(u64, Delivery)> {
        let (due, id) = self.due.first().copied()?;
        if due > now {
            return None;
        }
        self.due.pop_first();
        self.overtaken.retain(|other| *other != id);
        let delivery = self.pending.get_mut(&id)?;
        self.in_flight += 1;
        Some((id, delivery.clone()))
    }

    /// The attempt was not made: others go first.
    pub fn let_past(&mut self, id: u64, latest: i64) {
        self.in_flight -= 1;
        if let Some(delivery) = self.pending.get_mut(&id) {
            delivery.overtaken = true;
            self.overtaken.push(id);
            self.due.insert((latest, id));
        }
    }

    /// The attempt is over.
    pub fn settle(&mut self, id: u64, acknowledged: bool, now: i64) {
        self.in_flight -= 1;
        self.counters.attempts += 1;
        self.hurry_overtaken(now);
        let Some(delivery) = self.pending.get_mut(&id) else {
            return;
        };
        if delivery.attempts > 0 {
            self.counters.retried += 1;
        }
        delivery.attempts += 1;
        let retry = if acknowledged { None } else { delivery.next_due(now) };
        if let Some(due) = retry {
            self.due.insert((due, id));
            return;
        }
        self.pending.remove(&id);
        match acknowledged {
            true => self.counters.delivered += 1,
            false => self.counters.failed += 1,
        }
        if let Some(tell) = self.waiting.remove(&id) {
            // Nobody may be waiting any more.
            let _ = tell.send(acknowledged);
        }
    }

    fn hurry_overtaken(&mut self, now: i64) {
        for id in self.overtaken.drain(..) {
            self.due.retain(|(_, other)| *other != id);
            self.due.insert((now, id));
        }
    }

    /// Counters and depths, for `GET /_webhooks`.
    #[must_use]
    pub fn report(&self) -> Value {
        let Counters { delivered, retried, failed, attempts } = self.counters;
        json!({
            "delivered": delivered, "retried": retried, "failed": failed, "attempts": attempts,
            "pending": self.pending.len(), "inFlight": self.in_flight, "held": self.held.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_start_at_once_grow_and_end_after_seven_days() {
        let mut queue = Queue::default();
        queue.push(Delivery::new(String::from("{}"), Subject::default(), 0));
        let (mut now, mut pauses) = (0, Vec::new());
        while let Some((id, _)) = queue.take(now) {
            queue.settle(id, false, now);
            let Some(due) = queue.next_due() else { break };
            pauses.push(due - now);
            now = due;
        }
        assert_eq!(pauses[..5], [0, 1_000, 2_000, 4_000, 8_000]);
        assert!(pauses.is_sorted() && pauses.last() == Some(&LONGEST_PAUSE_MS));
        assert!((LIFETIME_MS - LONGEST_PAUSE_MS..=LIFETIME_MS).contains(&now), "{now}");
        assert_eq!(queue.report()["failed"], 1);
        assert_eq!(queue.report()["pending"], 0);
    }

    #[test]
    fn one_that_lets_others_past_goes_after_the_next() {
        let mut queue = Queue::default();
        for body in ["first", "second"] {
            queue.push(Delivery::new(body.to_owned(), Subject::default(), 0));
        }
        let (first, _) = queue.take(0).expect("first");
        queue.let_past(first, 500);
        let (second, delivery) = queue.take(0).expect("second");
        assert_eq!(&*delivery.body, "second");
        assert!(queue.take(0).is_none());
        queue.settle(second, true, 1);
        let (_, delivery) = queue.take(1).expect("the first again");
        assert!(delivery.overtaken);
    }
}
