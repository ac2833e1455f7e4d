//! The loops that do the work which nobody waits for: lease → flow → settle, and nothing else.
//!
//! Invariant: a loop ends only when it is told to, and should one break the whole process ends; what
//! fails is tried again, and what it does twice is harmless.

mod apply;
mod backlog;
mod held;
mod leases;
mod media;
mod outbox;
mod refresh;
mod replay;
mod split;
mod tokens;
mod trim;

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::held::Held;
use crate::{config::Retention, flows::Core};

/// Starts all loops; they end when `stop` is cancelled, after finishing what they have in hand.
pub fn start(core: &Arc<Core>, retention: Retention, stop: &CancellationToken) -> TaskTracker {
    let (tasks, leased) = (TaskTracker::new(), TaskTracker::new());
    let held = Held::nothing();
    let apply = apply::run(Arc::clone(core), held.clone(), stop.clone());
    let outbox = outbox::run(Arc::clone(core), held.clone(), stop.clone());
    leased.spawn(whole("apply", apply, stop.clone()));
    leased.spawn(whole("outbox", outbox, stop.clone()));
    let media = media::run(Arc::clone(core), held.clone(), stop.clone());
    leased.spawn(whole("media", media, stop.clone()));
    leased.close();
    let tokens = tokens::run(Arc::clone(core), held.clone(), stop.clone());
    tasks.spawn(whole("tokens", tokens, stop.clone()));
    let refresh = refresh::run(Arc::clone(core), held.clone(), stop.clone());
    tasks.spawn(whole("refresh", refresh, stop.clone()));
    let replay = replay::run(Arc::clone(core), held.clone(), stop.clone());
    tasks.spawn(whole("replay", replay, stop.clone()));
    let backlog = backlog::run(Arc::clone(core), stop.clone());
    tasks.spawn(whole("backlog", backlog, stop.clone()));
    let leases = leases::keep(Arc::clone(core), held, leased.clone(), stop.clone());
    tasks.spawn(whole("leases", leases, stop.clone()));
    let trim = trim::run(Arc::clone(core), retention, stop.clone());
    tasks.spawn(whole("trim", trim, stop.clone()));
    // Keeping leases ends after these; should it break, they are waited for all the same.
    tasks.spawn(async move { leased.wait().await });
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
