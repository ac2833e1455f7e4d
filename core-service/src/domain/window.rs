//! The customer service window: 24 hours from the candidate's newest message, by Meta's clock.
//!
//! Invariant: it opens with what the candidate sent and nothing else; the last second belongs to it.

use std::time::Duration;

use super::time::Timestamp;

/// How long it stays open.
pub const LENGTH: Duration = Duration::from_secs(24 * 60 * 60);

/// When the window ends that a message of this time opened.
pub fn expires_at(last_inbound: Timestamp) -> Timestamp {
    last_inbound + LENGTH
}

/// Whether it is open at `now`. Meta counts whole seconds, so the second that it ends in is inside.
pub fn is_open(last_inbound: Option<Timestamp>, now: Timestamp) -> bool {
    last_inbound.is_some_and(|last| now < expires_at(last) + Duration::from_secs(1))
}
