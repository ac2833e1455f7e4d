//! Minting ids: UUIDv7 (RFC 9562), growing within this process.
//!
//! Invariant: an id minted later is greater, also within one millisecond, so ids order by arrival.

use std::sync::Mutex;

use uuid::{ContextV7, Timestamp as UuidTimestamp, Uuid};

use crate::domain::{
    ids::{ClientId, ConversationId, MessageId, TemplateId},
    rules::receive::Minted,
    time::Timestamp,
};

/// Mints ids.
#[derive(Debug)]
pub struct Ids {
    context: Mutex<ContextV7>,
}

impl Default for Ids {
    fn default() -> Self {
        Self { context: Mutex::new(ContextV7::new()) }
    }
}

impl Ids {
    /// A new UUIDv7 for the time `now`.
    pub fn mint(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
        // A poisoned lock only means that another thread panicked; the counter is still good.
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(UuidTimestamp::from_unix(&*context, millis / 1000, nanos))
    }

    /// A client's id.
    pub fn client(&self, now: Timestamp) -> ClientId {
        ClientId::new(self.mint(now))
    }

    /// A conversation's id.
    pub fn conversation(&self, now: Timestamp) -> ConversationId {
        ConversationId::new(self.mint(now))
    }

    /// A message's id.
    pub fn message(&self, now: Timestamp) -> MessageId {
        MessageId::new(self.mint(now))
    }

    /// A template's id.
    pub fn template(&self, now: Timestamp) -> TemplateId {
        TemplateId::new(self.mint(now))
    }

    /// The ids that an inbound message may need.
    pub fn inbound(&self, now: Timestamp) -> Minted {
        Minted { message: self.message(now), conversation: self.conversation(now) }
    }
}
