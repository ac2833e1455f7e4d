//! The loops that do the work which nobody waits for: lease → flow → settle, and nothing else.
//!
//! Invariant: a loop ends only when it is told to, and should one break the whole process ends; what
//! fails is tried again, and what it does twice is harmless.

mod apply;
mod leases;
mod outbox;
mod split;
mod trim;

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config::Retention, flows::Core};

/// Starts all loops; they end when `stop` is cancelled, after finishing what they have in hand.
pub fn start(core: &Arc<Core>, retention: Retention, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    let (held, leases) = leases::keeper(Arc::clone(core), stop.clone());
    let apply = apply::run(Arc::clone(core), leases.clone(), stop.clone());
    let outbox = outbox::run(Arc::clone(core), leases, stop.clone());
    let trim = trim::run(Arc::clone(core), retention, stop.clone());
    tasks.spawn(whole("leases", held, stop.clone()));
    tasks.spawn(whole("apply", apply, stop.clone()));
    tasks.spawn(whole("outbox", outbox, stop.clone()));
    tasks.spawn(whole("trim", trim, stop.clone()));
    tasks.close();
    tasks
}

/// Runs a loop; one that panics takes everything with it, as a core that looks well and does half of its
/// work is worse than one that is started again.
async fn whole(
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
    stop: CancellationToken,
) {
    if let Err(panic) = tokio::spawn(work).await {
        tracing::error!(%panic, "the loop {name} broke: the core ends");
        stop.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_breaks_ends_everything_and_one_that_ends_does_not() {
        let stop = CancellationToken::new();
        whole("quiet", async {}, stop.clone()).await;
        assert!(!stop.is_cancelled());
        whole("broken", async { panic!("on purpose") }, stop.clone()).await;
        assert!(stop.is_cancelled());
    }
}
