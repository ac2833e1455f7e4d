//! Keeping the leases of lanes alive.
//!
//! Invariant: loops work only on lanes whose lease has not ended by our own monotonic clock, which
//! started before the store's did.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{domain::owner::Lane, flows::Core, store::Lease};

/// How long a lease lasts.
const LENGTH: Duration = Duration::from_secs(15);
/// How often it is extended.
const EXTEND: Duration = Duration::from_secs(5);

/// The lanes that this process may work on.
#[derive(Debug, Clone)]
pub(super) struct Held {
    lanes: Vec<Lease>,
    until: Instant,
}

impl Held {
    /// The leases that have not ended.
    pub(super) fn now(&self) -> &[Lease] {
        if Instant::now() < self.until { &self.lanes } else { &[] }
    }

    /// The term under which a lane is held now.
    pub(super) fn term(&self, lane: Lane) -> Option<u64> {
        self.now().iter().find(|lease| lease.lane == lane).map(|lease| lease.term)
    }
}

/// The task that keeps leases, and what it holds.
pub(super) fn keeper(
    core: Arc<Core>,
    stop: CancellationToken,
) -> (impl Future<Output = ()>, watch::Receiver<Held>) {
    let (tell, held) = watch::channel(Held { lanes: Vec::new(), until: Instant::now() });
    let holder = format!("core-{}", core.ids.mint(core.clock.now()));
    let task = async move {
        loop {
            let asked = Instant::now();
            match core.store.lease(&holder, LENGTH).await {
                Ok(lanes) => {
                    tell.send_replace(Held { lanes, until: asked + LENGTH });
                }
                Err(error) => tracing::warn!(%error, "leases not extended"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EXTEND) => {}
            }
        }
        // The loops finish what they hold; then others need not wait for the leases to end.
        tell.closed().await;
        if let Err(error) = core.store.release(&holder).await {
            tracing::warn!(%error, "leases not released; they end by themselves");
        }
    };
    (task, held)
}
