//! Business time: the wall clock plus an offset that only grows.
//!
//! Invariant: everything here that has a date (windows, rate buckets, retries, token expiry) reads
//! this clock, so moving it moves all of them together. The wall clock is read in one place only.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A cheap handle on one business clock; clones share the offset.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: Arc<watch::Sender<i64>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl Clock {
    /// A clock that is `offset_ms` ahead of the wall clock.
    #[must_use]
    pub fn starting_at(offset_ms: i64) -> Self {
        Self { offset: Arc::new(watch::Sender::new(offset_ms)) }
    }

    /// Business time in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        wall_ms() + self.offset_ms()
    }

    /// Business time in whole seconds, the unit of Meta's timestamps.
    #[must_use]
    pub fn now_secs(&self) -> i64 {
        self.now_ms() / 1000
    }

    /// How far business time is ahead of the wall clock.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        *self.offset.borrow()
    }

    /// Moves business time forward and wakes everyone who sleeps on it; answers the new offset.
    pub fn advance(&self, ms: u64) -> i64 {
        let step = i64::try_from(ms).unwrap_or(i64::MAX);
        self.offset.send_modify(|offset| *offset = offset.saturating_add(step));
        self.offset_ms()
    }

    /// Brings the offset up to `offset_ms`; a smaller one changes nothing, time never runs back.
    pub fn catch_up(&self, offset_ms: i64) {
        self.offset.send_if_modified(|offset| {
            let moves = offset_ms > *offset;
            if moves {
                *offset = offset_ms;
            }
            moves
        });
    }

    /// Follows the offset, for sleepers and for other clocks that shadow this one.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.offset.subscribe()
    }

    /// Sleeps until business time reaches `at_ms`, however it gets there.
    pub async fn sleep_until(&self, at_ms: i64) {
        let mut moved = self.watch();
        loop {
            moved.mark_unchanged();
            let left = at_ms - self.now_ms();
            if left <= 0 {
                return;
            }
            let left = Duration::from_millis(left.unsigned_abs());
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                // The sender lives in `self`, so this can only mean that the offset changed.
                _ = moved.changed() => {}
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the simulator that reads real time"
)]
fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Reads a span such as `90s`, `15m`, `25h`, `2d` or `250ms` as milliseconds.
#[must_use]
pub fn parse_span(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(split);
    let unit_ms = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    // Ten years are beyond every rule of the platform, and keep sums far from overflow.
    const LONGEST_MS: u64 = 10 * 366 * 86_400_000;
    count.parse::<u64>().ok()?.checked_mul(unit_ms).filter(|ms| *ms <= LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_unit() {
        let cases = [("25h", 90_000_000), ("90s", 90_000), ("15m", 900_000), ("2d", 172_800_000)];
        for (text, ms) in cases {
            assert_eq!(parse_span(text), Some(ms), "{text}");
        }
        for text in ["", "h", "25", "-1h", "1w", "99999999999999999999h", "9999999d"] {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }

    #[test]
    fn an_older_offset_never_turns_time_back() {
        let clock = Clock::starting_at(5_000);
        clock.catch_up(1_000);
        assert_eq!(clock.offset_ms(), 5_000);
        clock.catch_up(9_000);
        assert_eq!(clock.offset_ms(), 9_000);
    }

    #[tokio::test]
    async fn moving_the_clock_wakes_a_sleeper() {
        let clock = Clock::default();
        let at = clock.now_ms() + 86_400_000;
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(at).await }
        });
        tokio::task::yield_now().await;
        clock.advance(86_400_000);
        sleeper.await.expect("the sleeper wakes");
    }
}
