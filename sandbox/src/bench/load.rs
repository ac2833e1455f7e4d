//! The closed loop: so many clients, each of which asks again when it was answered.
//!
//! Invariant: only the exchange is timed; making a request, signing included, is not.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::{
    connection::{Answer, Connection},
    http::Fault,
};

/// Longest latency that is told apart, in microseconds; twice the patience of the client.
const LONGEST_US: u64 = 60_000_000;

/// Requests to be sent one after the other.
pub(super) trait Load: Send + Sync + 'static {
    /// The statuses that count; everything else is a fault.
    const EXPECTED: &'static [u16];

    /// Whom they go to.
    fn address(&self) -> SocketAddr;

    /// The request with this number.
    fn request(&self, n: u64) -> Bytes;
}

/// What came of a load.
#[derive(Debug)]
pub(super) struct Tally {
    /// Microseconds of the expected answers.
    pub(super) latency: Histogram<u64>,
    /// Expected answers by status.
    pub(super) answers: BTreeMap<u16, u64>,
    /// Everything else by kind.
    pub(super) faults: BTreeMap<Fault, u64>,
    /// The last expected answer of each client, with the number of its request.
    pub(super) last: Vec<(u64, Bytes)>,
    /// From the first request to the last answer.
    pub(super) took: Duration,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            latency: Histogram::new_with_max(LONGEST_US, 3)
                .expect("three digits are between none and five"),
            answers: BTreeMap::new(),
            faults: BTreeMap::new(),
            last: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Expected answers.
    pub(super) fn done(&self) -> u64 {
        self.answers.values().sum()
    }

    /// All other answers.
    pub(super) fn faulty(&self) -> u64 {
        self.faults.values().sum()
    }

    fn absorb(&mut self, other: Self) {
        let Self { latency, answers, faults, last, took: _ } = other;
        self.latency.add(latency).expect("all histograms here have the same range");
        for (status, count) in answers {
            *self.answers.entry(status).or_default() += count;
        }
        for (fault, count) in faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.last.extend(last);
    }
}

/// Keeps `connections` clients busy for this long, then lets each finish its last request.
pub(super) async fn drive<L: Load>(load: &Arc<L>, connections: u32, span: Duration) -> Tally {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        clients.spawn(client(Arc::clone(load), Arc::clone(&next), begun + span));
    }
    let mut whole = Tally::new();
    while let Some(ended) = clients.join_next().await {
        match ended {
            Ok(tally) => whole.absorb(tally),
            Err(error) => {
                *whole.faults.entry(format!("the client broke: {error}")).or_default() += 1;
            }
        }
    }
    whole.took = begun.elapsed();
    whole
}

async fn client<L: Load>(load: Arc<L>, next: Arc<AtomicU64>, until: Instant) -> Tally {
    let mut tally = Tally::new();
    let mut last = None;
    let mut connection = None;
    while Instant::now() < until {
        let mut open = match connection.take() {
            Some(open) => open,
            None => match Connection::open(load.address()).await {
                Ok(open) => open,
                // Nobody is there: asking again at once would only burn the processor.
                Err(fault) => {
                    *tally.faults.entry(fault).or_default() += 1;
                    break;
                }
            },
        };
        let n = next.fetch_add(1, Ordering::Relaxed);
        let request = load.request(n);
        let begun = Instant::now();
        match open.exchange(&request, L::EXPECTED).await {
            Ok(Answer { status, body }) => {
                let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
                tally.latency.saturating_record(micros);
                *tally.answers.entry(status).or_default() += 1;
                last = Some((n, body));
                connection = Some(open);
            }
            Err(fault) => *tally.faults.entry(fault).or_default() += 1,
        }
    }
    tally.last.extend(last);
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut whole = Tally::new();
        for (micros, status) in [(900, 200), (2_000_000, 200), (5_000, 202)] {
            let mut part = Tally::new();
            part.latency.saturating_record(micros);
            part.answers.insert(status, 1);
            part.faults.insert(String::from("503"), 1);
            part.last.push((micros, Bytes::new()));
            whole.absorb(part);
        }
        assert_eq!((whole.done(), whole.faulty(), whole.last.len()), (3, 3, 3));
        assert_eq!(whole.answers, BTreeMap::from([(200, 2), (202, 1)]));
        assert!(whole.latency.max() >= 2_000_000, "a slow answer keeps its time");
    }
}
