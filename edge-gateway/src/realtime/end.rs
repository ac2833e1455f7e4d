//! When a connection must go.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Realtime, door::Door};

/// Going away is spread over at most this long, in random order, so that not all come back at once.
const SPREAD: Duration = Duration::from_secs(20);
/// A few connections need no such care: each adds this much to the spread.
const SHARE: Duration = Duration::from_millis(10);

/// When a connection must go: at its age give or take a fifth, or some random time after the stop.
#[derive(Debug)]
pub(super) struct End {
    old: Instant,
    stop: CancellationToken,
    door: Arc<Door>,
    turn: f64,
    leaving: Option<Instant>,
}

impl End {
    pub(super) fn new(realtime: &Realtime) -> Self {
        let age = realtime.max_age.mul_f64(rand::random_range(0.8..1.2));
        Self {
            old: Instant::now() + age,
            stop: realtime.stop.clone(),
            door: Arc::clone(&realtime.door),
            turn: rand::random_range(0.0..1.0),
            leaving: None,
        }
    }

    /// Safe to cancel: the time of leaving is fixed when the stop is first seen.
    pub(super) async fn reached(&mut self) {
        let leave = async {
            if self.leaving.is_none() {
                self.stop.cancelled().await;
            }
            let at = *self.leaving.get_or_insert_with(|| {
                Instant::now() + spread(self.door.inside()).mul_f64(self.turn)
            });
            sleep_until(at).await;
        };
        tokio::select! {
            () = leave => {}
            () = sleep_until(self.old) => {}
        }
    }
}

/// Over how long so many connections leave.
fn spread(connections: usize) -> Duration {
    SPREAD.min(SHARE.saturating_mul(u32::try_from(connections).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_connections_leave_slowly_and_few_at_once() {
        assert_eq!(spread(1), Duration::from_millis(10));
        assert_eq!(spread(1_000), Duration::from_secs(10));
        assert_eq!(spread(1_000_000), SPREAD);
    }
}
