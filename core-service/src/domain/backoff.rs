//! Pauses that double.
//!
//! Invariant: no pause is shorter than the first nor, before it is spread, longer than the longest;
//! spreading adds up to half, so that what failed together does not come back together.

use std::time::Duration;

/// How long to wait before each next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// From a first pause to a longest one.
    ///
    /// # Panics
    /// When the first is nothing or longer than the longest: a constant that is wrong.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        assert!(!first.is_zero() && first.as_nanos() <= longest.as_nanos());
        Self { first, longest }
    }

    /// The pause after so many tries that failed; `spread` is a random number from 0 to 1.
    pub fn pause(self, failed: u32, spread: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failed.saturating_sub(1));
        let pause = self.first.saturating_mul(doubled).min(self.longest);
        pause.mul_f64(1.0 + spread.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff::new(5 * SECOND, 3_600 * SECOND);
        let pauses = [0, 1, 2, 3, 10, 11, 12, 1_000, u32::MAX].map(|n| backoff.pause(n, 0.0));
        let seconds = [5, 5, 10, 20, 2_560, 3_600, 3_600, 3_600, 3_600];
        assert_eq!(pauses, seconds.map(|n| n * SECOND));
    }

    #[test]
    fn a_spread_pause_is_up_to_half_as_much_longer() {
        let backoff = Backoff::new(SECOND, 8 * SECOND);
        for (spread, longer) in [(0.0, 1.0), (0.5, 1.25), (1.0, 1.5), (9.0, 1.5), (-1.0, 1.0)] {
            assert_eq!(backoff.pause(9, spread), (8 * SECOND).mul_f64(longer), "{spread}");
        }
    }
}
