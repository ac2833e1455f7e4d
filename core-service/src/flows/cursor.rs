//! Cursors and page tokens: opaque outside, checked inside.
//!
//! Invariant: only the core makes and reads them; one made for another owner or another list is refused.

use serde::{Serialize, de::DeserializeOwned};

use super::Core;
use crate::domain::{actor::Scope, event::Position, owner::Owner, refusal::Refusal};

const EVENTS: &str = "events";

/// A cursor that a client brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// A position in this history.
    Position(Position),
    /// Made by us, but in another history (a backup was restored).
    OtherEpoch,
}

impl Core {
    /// The cursor of a position in an owner's log.
    pub fn event_cursor(&self, owner: &Owner, position: Position) -> String {
        let payload = [self.store.epoch().to_be_bytes(), position.0.to_be_bytes()].concat();
        self.marker.mark(EVENTS, owner.as_str(), &payload)
    }

    /// Reads a cursor of an owner's log.
    ///
    /// # Errors
    /// [`Refusal::InvalidCursor`] when it was not made by us for this owner.
    pub fn read_event_cursor(&self, owner: &Owner, text: &str) -> Result<After, Refusal> {
        let invalid = |_| Refusal::InvalidCursor;
        let payload = self.marker.check(EVENTS, owner.as_str(), text).map_err(invalid)?;
        let payload: [u8; 16] = payload.try_into().map_err(|_| Refusal::InvalidCursor)?;
        let number = u128::from_be_bytes(payload);
        // The upper half is the epoch, the lower half the position; the casts take them apart.
        let (epoch, position) = ((number >> 64) as u64, number as u64);
        if epoch == self.store.epoch() {
            Ok(After::Position(Position(position)))
        } else {
            Ok(After::OtherEpoch)
        }
    }

    /// The token of a place in a list, good for the same list and the same scope only.
    pub fn page_token<T: Serialize>(&self, list: &str, scope: &Scope, place: &T) -> String {
        let payload = serde_json::to_vec(place).unwrap_or_default();
        self.marker.mark(list, audience(scope), &payload)
    }

    /// Reads the token of a place in a list; an empty one is the beginning.
    ///
    /// # Errors
    /// [`Refusal::InvalidCursor`] when it was not made by us for this list and scope.
    pub fn read_page_token<T: DeserializeOwned>(
        &self,
        list: &str,
        scope: &Scope,
        text: &str,
    ) -> Result<Option<T>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let payload =
            self.marker.check(list, audience(scope), text).map_err(|_| Refusal::InvalidCursor)?;
        serde_json::from_slice(&payload).map(Some).map_err(|_| Refusal::InvalidCursor)
    }
}

fn audience(scope: &Scope) -> &str {
    scope.owner().map_or("*", Owner::as_str)
}
