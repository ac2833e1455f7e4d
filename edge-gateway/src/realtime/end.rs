//! When a connection must go.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Realtime;

/// Going away is spread over this long, in random order, so that not all come back at once.
const SPREAD: Duration = Duration::from_secs(20);

/// When a connection must go: at its age give or take a fifth, or some random time after the stop.
#[derive(Debug)]
pub(super) struct End {
    old: Instant,
    stop: CancellationToken,
    spread: Duration,
    leaving: Option<Instant>,
}

impl End {
    pub(super) fn new(realtime: &Realtime) -> Self {
        let age = realtime.max_age.mul_f64(rand::random_range(0.8..1.2));
        Self {
            old: Instant::now() + age,
            stop: realtime.stop.clone(),
            spread: SPREAD.mul_f64(rand::random_range(0.0..1.0)),
            leaving: None,
        }
    }

    /// Safe to cancel: the time of leaving is fixed when the stop is first seen.
    pub(super) async fn reached(&mut self) {
        let leave = async {
            if self.leaving.is_none() {
                self.stop.cancelled().await;
            }
            let at = *self.leaving.get_or_insert_with(|| Instant::now() + self.spread);
            sleep_until(at).await;
        };
        tokio::select! {
            () = leave => {}
            () = sleep_until(self.old) => {}
        }
    }
}
