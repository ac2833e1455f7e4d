//! Telling how much the journal is behind.
//!
//! Invariant: an age grows while the store is away, as nobody knows then that it ended.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{domain::journal::Backlog, flows::Core};

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Looks until `stop`.
pub(super) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let mut last = Backlog::default();
    loop {
        match core.store.backlog().await {
            Ok(backlog) => last = backlog,
            Err(error) => tracing::debug!(%error, "the journal was not looked at"),
        }
        let age = last.oldest.map_or(Duration::ZERO, |oldest| core.clock.now().since(oldest));
        core.metrics.journal(&last, age);
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}
