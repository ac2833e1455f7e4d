//! The journal of what Meta delivered.
//!
//! Invariant: a delivery is kept before it is acknowledged, once per digest, and stays until its
//! retention ends; applying it only adds its outcome.

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

/// A delivery and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which.
    pub id: DeliveryId,
    /// What became of it.
    pub outcome: Outcome,
}
