//! The loop that delivers webhooks, a bounded number of them at a time.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::{Outcome, attempt};
use crate::meta::World;

/// Attempts under way at once.
const MAX_IN_FLIGHT: usize = 64;
/// How long one waits for another to overtake it.
const PATIENCE_MS: i64 = 3_000;

/// Delivers until `stop`. Attempts under way are left to the next start: they are still pending.
pub async fn run(world: World, stop: CancellationToken) {
    let mut attempts: JoinSet<(u64, Outcome)> = JoinSet::new();
    loop {
        start_due(&world, &mut attempts);
        // Without a free place only an ending attempt matters; without a due time only news.
        let next = if attempts.len() < MAX_IN_FLIGHT { world.queue().next_due() } else { None };
        tokio::select! {
            () = stop.cancelled() => return,
            () = world.queue_changed() => {}
            Some(ended) = attempts.join_next() => {
                match ended {
                    Ok((id, outcome)) => settle(&world, id, outcome),
                    Err(error) => tracing::error!(%error, "a webhook attempt broke"),
                }
            }
            () = world.clock().sleep_until(next.unwrap_or(i64::MAX)), if next.is_some() => {}
        }
    }
}

fn start_due(world: &World, attempts: &mut JoinSet<(u64, Outcome)>) {
    let now = world.clock().now_ms();
    while attempts.len() < MAX_IN_FLIGHT {
        let Some((id, delivery)) = world.queue().take(now) else {
            return;
        };
        let world = world.clone();
        attempts.spawn(async move { (id, attempt(&world, &delivery).await) });
    }
}

fn settle(world: &World, id: u64, outcome: Outcome) {
    let now = world.clock().now_ms();
    match outcome {
        Outcome::Acknowledged => world.queue().settle(id, true, now),
        Outcome::Refused => world.queue().settle(id, false, now),
        Outcome::LetPast => world.queue().let_past(id, now + PATIENCE_MS),
    }
    world.mark_changed();
}
