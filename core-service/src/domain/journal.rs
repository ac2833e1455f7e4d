//! Looking into the journal of deliveries, and asking for some of them again.
//!
//! Invariant: a look never changes what it finds, and asking again changes only that a delivery waits:
//! facts are idempotent, so whatever is asked for again may be.

use super::{
    delivery::{DeliveryId, Digest, Outcome, Progress},
    owner::Lane,
    time::Timestamp,
};

/// The most deliveries of one look, and of one asking.
pub const LOOK: u32 = 1_000;
/// What is counted is counted up to here.
pub const COUNT: u32 = 10_000;

/// Which deliveries are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    Every,
    /// What waits, for the first time or again.
    Waiting,
    /// What was applied whole.
    Applied,
    /// What was given up, or applied but for what was set aside.
    Failed,
}

impl Which {
    /// How far such deliveries are.
    pub const fn progresses(self) -> &'static [Progress] {
        use Progress::{Again, Applied, GivenUp, InPart, Waiting};
        match self {
            Self::Every => &[Waiting, Applied, GivenUp, InPart, Again],
            Self::Waiting => &[Waiting, Again],
            Self::Applied => &[Applied],
            Self::Failed => &[GivenUp, InPart],
        }
    }
}

/// A range of numbers of deliveries, both ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// From this one on.
    pub from: DeliveryId,
    /// Up to this one.
    pub to: DeliveryId,
}

impl Range {
    /// Every number.
    pub const ALL: Self = Self { from: DeliveryId(0), to: DeliveryId(i64::MAX) };

    /// This one number.
    pub const fn one(id: DeliveryId) -> Self {
        Self { from: id, to: id }
    }

    /// What is left of it above a number; `None` when nothing is.
    pub fn above(self, id: DeliveryId) -> Option<Self> {
        let from = DeliveryId(id.0.checked_add(1)?);
        (from <= self.to).then_some(Self { from, ..self })
    }

    /// What is left of it below a number; `None` when nothing is.
    pub fn below(self, id: DeliveryId) -> Option<Self> {
        let to = DeliveryId(id.0.checked_sub(1)?);
        (self.from <= to).then_some(Self { to, ..self })
    }
}

/// A look into the journal.
#[derive(Debug, Clone)]
pub struct JournalQuery {
    /// Of which numbers.
    pub range: Range,
    /// Which deliveries.
    pub which: Which,
    /// The highest number first, else the lowest.
    pub newest_first: bool,
    /// At most so many rows, and at most [`LOOK`].
    pub limit: u32,
}

/// A row of the journal, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: DeliveryId,
    /// Names its bytes.
    pub digest: Digest,
    /// When it came.
    pub received_at: Timestamp,
    /// Who applies it.
    pub lane: Lane,
    /// How far it came.
    pub progress: Progress,
    /// How often applying it failed.
    pub attempts: u32,
    /// What became of it, the last time; `None` while it was never tried since it came or was asked for.
    pub outcome: Option<Outcome>,
    /// Bytes of its body.
    pub size: u64,
    /// When somebody asked for it again, the last time.
    pub replayed_at: Option<Timestamp>,
}

/// A kept delivery with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is known of it.
    pub entry: Entry,
    /// Exactly as received.
    pub body: bytes::Bytes,
}

/// Deliveries that are to be applied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// Of which numbers.
    pub range: Range,
    /// Only what failed.
    pub only_failed: bool,
    /// When it is asked for.
    pub at: Timestamp,
    /// At most so many, the lowest numbers first, and at most [`LOOK`].
    pub limit: u32,
}

/// How far asking came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many are to be applied again; what waited already is not among them.
    pub asked: u32,
    /// The last one when there may be more above it.
    pub last: Option<DeliveryId>,
}

/// How much the journal is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Deliveries that wait and were not asked for, up to [`COUNT`].
    pub waiting: u32,
    /// Since when the first of them waits.
    pub oldest: Option<Timestamp>,
    /// Deliveries that were asked for again and have no room yet, up to [`COUNT`].
    pub again: u32,
    /// Deliveries that failed, up to [`COUNT`].
    pub failed: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_range_ends_with_it() {
        let range = Range { from: DeliveryId(3), to: DeliveryId(5) };
        assert_eq!(range.above(DeliveryId(3)).map(|left| left.from), Some(DeliveryId(4)));
        assert_eq!(range.above(DeliveryId(5)), None);
        assert_eq!(range.below(DeliveryId(5)).map(|left| left.to), Some(DeliveryId(4)));
        assert_eq!(range.below(DeliveryId(3)), None);
        assert_eq!(Range::ALL.above(DeliveryId(i64::MAX)), None);
    }
}
