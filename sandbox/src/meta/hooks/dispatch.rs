//! The loop that delivers webhooks, a bounded number of them at a time.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Delivery;
use super::attempt::{Outcome, attempt};
use crate::meta::World;

/// Attempts under way at once.
const MAX_IN_FLIGHT: usize = 64;
/// How long one waits for another to overtake it.
const PATIENCE_MS: i64 = 3_000;
/// A batch that has so much takes nothing more: Meta's deliveries are smaller than 3 MB.
const LARGEST_BATCH: usize = 2_900_000;

/// Delivers until `stop`. Attempts under way are left to the next start: they are still pending.
pub async fn run(world: World, stop: CancellationToken) {
    let mut attempts: JoinSet<(Vec<u64>, Outcome)> = JoinSet::new();
    loop {
        let free = start_due(&world, &mut attempts);
        // Without a free place only an ending attempt matters; without a due time only news.
        let next = if free { world.queue().next_due() } else { None };
        tokio::select! {
            () = stop.cancelled() => return,
            () = world.queue_changed() => {}
            Some(ended) = attempts.join_next() => {
                match ended {
                    Ok((ids, outcome)) => settle(&world, &ids, outcome),
                    Err(error) => tracing::error!(%error, "a webhook attempt broke"),
                }
            }
            () = world.clock().sleep_until(next.unwrap_or(i64::MAX)), if next.is_some() => {}
        }
    }
}

/// Starts what is due; answers whether there is a free place for more.
fn start_due(world: &World, attempts: &mut JoinSet<(Vec<u64>, Outcome)>) -> bool {
    let settings = world.script().settings;
    if !settings.webhooks.0 {
        return false;
    }
    // While one batch is under way, the next one fills.
    let places = if settings.batch > 1 { 1 } else { MAX_IN_FLIGHT };
    let now = world.clock().now_ms();
    while attempts.len() < places {
        let batch = take(world, usize::from(settings.batch), now);
        if batch.is_empty() {
            return true;
        }
        let world = world.clone();
        attempts.spawn(async move {
            let (ids, deliveries): (Vec<u64>, Vec<Delivery>) = batch.into_iter().unzip();
            let outcome = attempt(&world, &deliveries).await;
            (ids, outcome)
        });
    }
    false
}

fn take(world: &World, most: usize, now: i64) -> Vec<(u64, Delivery)> {
    let mut queue = world.queue();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < most && bytes < LARGEST_BATCH {
        let Some((id, delivery)) = queue.take(now) else { break };
        bytes += delivery.body.len();
        batch.push((id, delivery));
    }
    batch
}

fn settle(world: &World, ids: &[u64], outcome: Outcome) {
    let now = world.clock().now_ms();
    for id in ids {
        match outcome {
            Outcome::Acknowledged => world.queue().settle(*id, true, now),
            Outcome::Refused => world.queue().settle(*id, false, now),
            Outcome::LetPast => world.queue().let_past(*id, now + PATIENCE_MS),
        }
    }
    world.mark_changed();
}
