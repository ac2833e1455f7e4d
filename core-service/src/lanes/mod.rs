//! The loops that do the work which nobody waits for: lease → flow → settle, and nothing else.
//!
//! Invariant: a loop ends only when it is told to; what fails is tried again, and what it does twice is
//! harmless.

mod apply;
mod leases;
mod outbox;
mod split;
mod trim;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::flows::Core;

/// Starts all loops; they end when `stop` is cancelled, after finishing what they have in hand.
///
/// `retention` is how long events can be resumed from.
pub fn start(core: &Arc<Core>, retention: Duration, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    let (held, leases) = leases::keeper(Arc::clone(core), stop.clone());
    tasks.spawn(held);
    tasks.spawn(apply::run(Arc::clone(core), leases.clone(), stop.clone()));
    tasks.spawn(outbox::run(Arc::clone(core), leases, stop.clone()));
    tasks.spawn(trim::run(Arc::clone(core), retention, stop.clone()));
    tasks.close();
    tasks
}
