//! The lanes that rest after a round that ended badly.
//!
//! Invariant: a rest is short and is that lane's alone.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use crate::domain::owner::Lane;

/// How long a lane rests when the store is away.
const AWAY: Duration = Duration::from_millis(250);
/// How long a lane rests after the first round that rivals won; it doubles with each.
const CONTENDED: Duration = Duration::from_millis(100);
/// How many rounds rivals may win before that counts as a failure of the deliveries they win against.
const PATIENCE: u32 = 3;

#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Instant,
    /// Rounds in a row that rivals won.
    lost: u32,
}

/// The lanes at rest.
#[derive(Debug, Default)]
pub(super) struct Rests(HashMap<Lane, Rest>);

impl Rests {
    /// True while the lane rests.
    pub(super) fn has(&self, lane: Lane, now: Instant) -> bool {
        self.0.get(&lane).is_some_and(|rest| now < rest.until)
    }

    /// True while rivals of this lane cost only time.
    pub(super) fn patience(&self, lane: Lane) -> bool {
        self.0.get(&lane).is_none_or(|rest| rest.lost < PATIENCE)
    }

    /// The first end of a rest after this time.
    pub(super) fn first_end(&self, after: Instant) -> Option<Instant> {
        self.0.values().map(|rest| rest.until).filter(|&until| until > after).min()
    }

    /// The lane's round went well.
    pub(super) fn over(&mut self, lane: Lane) {
        self.0.remove(&lane);
    }

    /// Rivals won the lane's round.
    pub(super) fn contended(&mut self, lane: Lane) {
        let lost = self.0.get(&lane).map_or(0, |rest| rest.lost);
        let length = CONTENDED * 2_u32.pow(lost.min(PATIENCE));
        self.0.insert(lane, Rest { until: Instant::now() + length, lost: lost + 1 });
    }

    /// The store was away in the lane's round.
    pub(super) fn away(&mut self, lane: Lane) {
        let lost = self.0.get(&lane).map_or(0, |rest| rest.lost);
        self.0.insert(lane, Rest { until: Instant::now() + AWAY, lost });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_after_rounds_in_a_row_and_a_good_one_renews_it() {
        let lane = Lane::of(b"");
        let mut rests = Rests::default();
        for round in 0..PATIENCE {
            assert!(rests.patience(lane), "{round}");
            rests.contended(lane);
            // That the store is away says nothing of rivals.
            rests.away(lane);
        }
        assert!(!rests.patience(lane));
        rests.over(lane);
        assert!(rests.patience(lane));
    }

    #[test]
    fn a_rest_ends_and_grows_with_each_round_lost() {
        let lane = Lane::of(b"");
        let mut rests = Rests::default();
        for length in [CONTENDED, CONTENDED * 2, CONTENDED * 4] {
            let before = Instant::now();
            rests.contended(lane);
            let end = rests.first_end(before).unwrap();
            assert!(before + length <= end && end <= Instant::now() + length);
            assert!(rests.has(lane, before) && !rests.has(lane, end));
            assert_eq!(rests.first_end(end), None);
        }
    }
}
