//! The loops that do the work which nobody waits for: lease → flow → settle, and nothing else.
//!
//! Invariant: a loop ends only when it is told to; what fails is tried again, and what it does twice is
//! harmless.

mod apply;
mod leases;
mod outbox;
mod split;

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::flows::Core;

/// Starts all loops; they end when `stop` is cancelled, after finishing what they have in hand.
pub fn start(core: &Arc<Core>, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    let (held, leases) = leases::keeper(Arc::clone(core), stop.clone());
    tasks.spawn(held);
    tasks.spawn(apply::run(Arc::clone(core), leases.clone(), stop.clone()));
    tasks.spawn(outbox::run(Arc::clone(core), leases, stop.clone()));
    tasks.close();
    tasks
}
