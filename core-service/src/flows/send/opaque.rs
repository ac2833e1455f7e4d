//! What we give Meta with a message, and get back with its statuses: which message of ours it is.
//!
//! Invariant: it is believed only when it was made by us for this owner, so that a status can neither
//! be forged across owners nor leak in from another environment.

use uuid::Uuid;

use crate::{
    domain::{ids::MessageId, owner::Owner},
    flows::Core,
};

const OPAQUE: &str = "message";

impl Core {
    /// The opaque data of a message; about 45 characters of Meta's 512.
    pub(super) fn opaque(&self, owner: &Owner, id: MessageId) -> String {
        self.marker.mark(OPAQUE, owner.as_str(), id.uuid().as_bytes())
    }

    /// The message that opaque data names.
    pub(crate) fn read_opaque(&self, owner: &Owner, text: &str) -> Option<MessageId> {
        let payload = self.marker.check(OPAQUE, owner.as_str(), text).ok()?;
        Uuid::from_slice(&payload).ok().map(MessageId::new)
    }
}
