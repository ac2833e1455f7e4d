//! Numbers of deliveries: they grow within a process, and roughly across processes.
//!
//! Invariant: a process never gives a number twice. Two processes do so about never, and then the unique
//! `_id` refuses the second.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use super::super::connect::ServerTime;
use crate::domain::delivery::DeliveryId;

/// Bits below the milliseconds.
const BELOW: u32 = 20;

/// Mints numbers: the server's milliseconds, then chance.
#[derive(Debug)]
pub(in super::super) struct Numbers {
    started: Instant,
    /// The server's clock then, in milliseconds.
    base: i64,
    last: AtomicI64,
}

impl Numbers {
    /// Goes on from a time of the server, which all processes share, and when that was here.
    pub(in super::super) fn new(ServerTime { millis, at }: ServerTime) -> Self {
        Self { started: at, base: millis, last: AtomicI64::new(0) }
    }

    pub(super) fn mint(&self) -> DeliveryId {
        let elapsed =
            i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX >> BELOW);
        let now = self.base.saturating_add(elapsed) << BELOW;
        let chance = rand::random_range(0..1_i64 << (BELOW - 1));
        let next = |last: i64| Some((now | chance).max(last + 1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        DeliveryId((now | chance).max(last.unwrap_or_else(|last| last) + 1))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_grow() {
        let time = ServerTime { millis: 1_800_000_000_000, at: Instant::now() };
        let numbers = Numbers::new(time);
        let minted: Vec<_> = (0..10_000).map(|_| numbers.mint()).collect();
        assert!(minted.is_sorted_by(|a, b| a < b));
        assert!(minted[0].0 >> BELOW >= 1_800_000_000_000);
    }

    #[test]
    fn processes_agree_however_long_they_took_to_start() {
        let at = Instant::now();
        let earlier = at.checked_sub(Duration::from_secs(5)).unwrap();
        let quick = Numbers::new(ServerTime { millis: 1_800_000_005_000, at });
        let slow = Numbers::new(ServerTime { millis: 1_800_000_000_000, at: earlier });
        let apart = (quick.mint().0 - slow.mint().0) >> BELOW;
        assert!(apart.abs() < 1_000, "{apart} ms");
    }
}
