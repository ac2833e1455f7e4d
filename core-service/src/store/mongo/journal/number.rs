//! Numbers of deliveries: they grow within a process, and roughly across processes.
//!
//! Invariant: a process never gives a number twice. Two processes do so about never, and then the unique
//! `_id` refuses the second.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use crate::domain::delivery::DeliveryId;

/// Bits below the milliseconds.
const BELOW: u32 = 20;

/// Mints numbers: the server's milliseconds, then chance.
#[derive(Debug)]
pub(in super::super) struct Numbers {
    started: Instant,
    /// The server's clock at the start, in milliseconds.
    base: i64,
    last: AtomicI64,
}

impl Numbers {
    /// Begins at a time of the server, as all processes share it.
    pub(in super::super) fn new(server_millis: i64) -> Self {
        Self { started: Instant::now(), base: server_millis, last: AtomicI64::new(0) }
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
    use super::*;

    #[test]
    fn numbers_grow() {
        let numbers = Numbers::new(1_800_000_000_000);
        let minted: Vec<_> = (0..10_000).map(|_| numbers.mint()).collect();
        assert!(minted.is_sorted_by(|a, b| a < b));
        assert!(minted[0].0 >> BELOW >= 1_800_000_000_000);
    }
}
