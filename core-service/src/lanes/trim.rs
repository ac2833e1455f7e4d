//! Forgetting what is older than its retention.
//!
//! Invariant: a log loses only its oldest entries, and whoever asks for them is told to start over; of
//! the journal, nothing that waits or was given up is lost; of consents, only those that are over.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{config::Retention, flows::Core, store::StoreError};

/// How often it is looked for, in business time.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Trims until `stop`.
pub(super) async fn run(core: Arc<Core>, retention: Retention, stop: CancellationToken) {
    loop {
        let now = core.clock.now();
        match round(&core, retention).await {
            // There may be more; the store takes a bounded number at a time.
            Ok(forgotten @ 1..) => {
                tracing::debug!(forgotten, "forgotten after its retention");
                if stop.is_cancelled() {
                    return;
                }
                continue;
            }
            Ok(0) => {}
            Err(error) => tracing::warn!(%error, "nothing forgotten"),
        }
        if stop.run_until_cancelled(core.clock.sleep_until(now + LOOK)).await.is_none() {
            return;
        }
    }
}

/// Forgets a bounded number of things; returns how many.
async fn round(core: &Core, retention: Retention) -> Result<u64, StoreError> {
    let Retention { events, journal } = retention;
    let now = core.clock.now();
    let events = core.store.trim_events(now - events).await?;
    let journal = core.store.trim_journal(now - journal).await?;
    let consents = core.store.trim_consents(now).await?;
    Ok(events + journal + consents)
}
