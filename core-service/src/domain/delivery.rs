//! The journal of what Meta delivered.
//!
//! Invariant: a delivery is kept before it is acknowledged, once per digest, and stays until its
//! retention ends; applying it only adds its outcome, and applying it again only replaces that.

use serde::{Deserialize, Serialize};

use super::{owner::Lane, time::Timestamp};

/// SHA-256 of a raw body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// A delivery that is to be kept.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Names the bytes; a second delivery of the same bytes is the same.
    pub digest: Digest,
    /// Exactly as received.
    pub body: bytes::Bytes,
    /// Who applies it.
    pub lane: Lane,
    /// When it came.
    pub received_at: Timestamp,
}

/// Names a kept delivery; minted by the store, and roughly grows with arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub i64);

/// A kept delivery that waits to be applied.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Which.
    pub id: DeliveryId,
    /// Exactly as received.
    pub body: bytes::Bytes,
    /// Who applies it.
    pub lane: Lane,
    /// When it came.
    pub received_at: Timestamp,
    /// How often applying it failed.
    pub attempts: u32,
}

/// An element that was not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Its number in the delivery, from 0, in document order.
    pub element: u32,
    /// Why; never has a body in it.
    pub reason: String,
}

/// How far a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// It waits to be applied.
    Waiting,
    /// Everything in it was applied, or is only kept.
    Applied,
    /// It could not be applied at all.
    GivenUp,
    /// It was applied, but for what was set aside.
    InPart,
    /// Somebody asked for it to be applied again; it waits until there is room behind what came by itself.
    Again,
}

impl Progress {
    /// The number that rows have. Stored: never change it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Applied => 1,
            Self::GivenUp => 2,
            Self::InPart => 3,
            Self::Again => 4,
        }
    }

    /// What a row's number means.
    pub const fn of_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Waiting,
            1 => Self::Applied,
            2 => Self::GivenUp,
            3 => Self::InPart,
            4 => Self::Again,
            _ => return None,
        })
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// Applied, but for what was set aside.
    Applied {
        /// What was not.
        set_aside: Vec<SetAside>,
    },
    /// Applying it failed; it is tried again.
    Failed {
        /// How often, with this time.
        attempts: u32,
        /// Why.
        reason: String,
    },
    /// Given up after several tries; only a replay touches it again.
    Poisoned {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// How far a delivery is that ended so.
    pub const fn progress(&self) -> Progress {
        match self {
            Self::Applied { set_aside } if set_aside.is_empty() => Progress::Applied,
            Self::Applied { set_aside: _ } => Progress::InPart,
            Self::Failed { attempts: _, reason: _ } => Progress::Waiting,
            Self::Poisoned { reason: _ } => Progress::GivenUp,
        }
    }

    /// The elements that were set aside.
    pub fn set_aside(&self) -> &[SetAside] {
        match self {
            Self::Applied { set_aside } => set_aside,
            Self::Failed { attempts: _, reason: _ } | Self::Poisoned { reason: _ } => &[],
        }
    }

    /// Why it failed as a whole.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Applied { set_aside: _ } => None,
            Self::Failed { attempts: _, reason } | Self::Poisoned { reason } => Some(reason),
        }
    }
}

/// A delivery and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which.
    pub id: DeliveryId,
    /// What became of it.
    pub outcome: Outcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_of_one_progress() {
        for number in 0..=4 {
            assert_eq!(Progress::of_number(number).map(Progress::number), Some(number));
        }
        assert_eq!(Progress::of_number(5), None);
    }
}
