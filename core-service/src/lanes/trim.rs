//! Forgetting events that are older than their retention.
//!
//! Invariant: a log loses only its oldest entries, and whoever asks for them is told to start over.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::flows::Core;

/// How often the logs are looked at, in business time.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Trims until `stop`.
pub(super) async fn run(core: Arc<Core>, retention: Duration, stop: CancellationToken) {
    loop {
        let now = core.clock.now();
        match core.store.trim_events(now - retention).await {
            // There may be more; the store takes a bounded number at a time.
            Ok(trimmed @ 1..) => {
                tracing::debug!(trimmed, "events forgotten");
                if stop.is_cancelled() {
                    return;
                }
                continue;
            }
            Ok(0) => {}
            Err(error) => tracing::warn!(%error, "events not trimmed"),
        }
        if stop.run_until_cancelled(core.clock.sleep_until(now + LOOK)).await.is_none() {
            return;
        }
    }
}
