//! Looking after the access tokens that end.
//!
//! Invariant: a core speaks of its own lanes' clients only, so that they hear of it once; what it says
//! does not depend on when it looks.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::held::Held;
use crate::{domain::owner::Lane, flows::Core};

/// How often it looks although nothing is known to be due, in business time: for clients that were connected
/// since.
const LOOK: Duration = Duration::from_secs(15 * 60);

/// Looks until `stop`.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let mut gains = held.gains();
    loop {
        gains.mark_unchanged();
        let lanes: Vec<Lane> = held.open().into_iter().map(|lease| lease.lane).collect();
        let again = core.clock.now() + LOOK;
        let next = match core.look_at_tokens(&lanes).await {
            Ok(next) => next.map_or(again, |next| next.min(again)),
            Err(error) => {
                tracing::warn!(%error, "access tokens are looked after later");
                again
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = core.clock.sleep_until(next) => {}
            // An error means that nobody tells any more: the clock does.
            Ok(()) = gains.changed() => {}
        }
    }
}
