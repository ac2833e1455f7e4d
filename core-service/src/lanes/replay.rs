//! Letting in what was asked for again, a little at a time.
//!
//! Lanes apply the oldest first, and what is asked for again is older than everything that comes: let in all
//! at once it would be in the way of everybody who writes now.
//!
//! Invariant: no more than [`ROOM`] deliveries are let in at a time, and none while so many wait.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::held::Held;
use crate::{domain::owner::Lane, flows::Core};

/// How many may wait when something is let in.
const ROOM: u32 = 64;
/// How long it is between two looks when there was something to let in.
const SOON: Duration = Duration::from_millis(50);
/// How long it is otherwise.
const LATER: Duration = Duration::from_secs(1);

/// Lets in until `stop`. One core does it: the holder of the first lane.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let first = Lane::all().next();
    loop {
        let ours = held.open().into_iter().any(|lease| Some(lease.lane) == first);
        let next = if ours { round(&core).await } else { LATER };
        if stop.run_until_cancelled(tokio::time::sleep(next)).await.is_none() {
            return;
        }
    }
}

/// Lets some in; when to look again.
async fn round(core: &Core) -> Duration {
    match core.store.readmit(ROOM).await {
        Ok(0) => LATER,
        Ok(count) => {
            tracing::info!(count, "deliveries are applied again");
            SOON
        }
        Err(error) => {
            tracing::warn!(%error, "what was asked for again waits");
            LATER
        }
    }
}
