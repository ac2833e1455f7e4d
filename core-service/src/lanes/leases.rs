//! Keeping the leases of lanes alive, and giving back what others wait for.
//!
//! Invariant: a lease is extended for as long as work is in hand under it, and given back as soon as
//! none is and somebody else waits for the lane or this process ends.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::held::Held;
use crate::{
    flows::Core,
    store::{Appetite, Store},
};

/// How long a lease lasts.
const LENGTH: Duration = Duration::from_secs(15);
/// How often it is extended.
const EXTEND: Duration = Duration::from_secs(5);
/// How often leases are asked for while that may bring more lanes soon, or after it failed.
const SEEK: Duration = Duration::from_secs(1);

/// Keeps leases until `stop`, and then those under which the `loops` still have something in hand.
pub(super) async fn keep(core: Arc<Core>, held: Held, loops: TaskTracker, stop: CancellationToken) {
    let holder = format!("core-{}", core.ids.mint(core.clock.now()));
    let keeper = Keeper { store: &*core.store, holder, held, born: Instant::now() };
    let mut next = keeper.extend(Appetite::Share).await;
    while !stop.is_cancelled() {
        keeper.give_back().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = keeper.held.idle() => {}
            () = sleep_until(next) => next = keeper.extend(Appetite::Share).await,
        }
    }
    keeper.held.end();
    // Said at once, so that others count on one less.
    next = Instant::now();
    loop {
        keeper.give_back().await;
        tokio::select! {
            biased;
            () = loops.wait() => break,
            () = keeper.held.idle() => {}
            () = sleep_until(next) => next = keeper.extend(Appetite::Keep).await,
        }
    }
    if let Err(error) = keeper.store.release(&keeper.holder).await {
        tracing::warn!(%error, "leases not released; they end by themselves");
    }
}

struct Keeper<'a> {
    store: &'a dyn Store,
    holder: String,
    held: Held,
    born: Instant,
}

impl Keeper<'_> {
    /// Extends all leases; returns when to do it again.
    async fn extend(&self, appetite: Appetite) -> Instant {
        let asked = Instant::now();
        match self.store.lease(&self.holder, LENGTH, appetite).await {
            Ok(leases) => {
                // Counted from before the store was asked: our clock ends a lease before the store's.
                self.held.renew(&leases, asked + LENGTH);
                // Others learn that a newcomer waits when they extend, and give back soon after.
                let young = asked.duration_since(self.born) < LENGTH;
                asked + if young { SEEK } else { EXTEND }
            }
            Err(error) => {
                tracing::warn!(%error, "leases not extended");
                Instant::now() + SEEK
            }
        }
    }

    /// Gives back the lanes that others wait for and in which nothing is in hand.
    async fn give_back(&self) {
        let lanes = self.held.let_go();
        if lanes.is_empty() {
            return;
        }
        // Should it fail, the next extension finds them held, and wanted or not.
        if let Err(error) = self.store.give_back(&self.holder, &lanes).await {
            tracing::warn!(%error, "{} lanes not given back yet", lanes.len());
        }
    }
}
