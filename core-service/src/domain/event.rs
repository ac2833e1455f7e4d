//! What an owner's log says.
//!
//! Invariant: an event is part of the commit that it reports, and holds what was true then.

use serde::{Deserialize, Serialize};

use super::{
    client::Client,
    conversation::Conversation,
    ids::{ConversationId, MessageId, Wamid},
    message::Message,
    owner::Owner,
    status::{Failure, Status},
    template::Template,
    time::Timestamp,
};

/// The number of an event in its owner's log: 1, 2, 3 … without a gap. 0 is before the first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum News {
    /// A candidate wrote.
    MessageIncoming {
        /// As it is now.
        conversation: Conversation,
        /// What came.
        message: Message,
    },
    /// A message of ours was recorded.
    MessageSent {
        /// As it is now.
        conversation: Conversation,
        /// What was recorded.
        message: Message,
    },
    /// A message's content changed.
    MessageUpdated {
        /// As it is now.
        conversation: Conversation,
        /// What changed.
        message: Message,
    },
    /// A message of ours came a step further.
    MessageStatus {
        /// Where.
        conversation_id: ConversationId,
        /// Which.
        message_id: MessageId,
        /// Meta's id, once known.
        wamid: Option<Wamid>,
        /// What is shown now.
        status: Status,
        /// When that was reached.
        at: Timestamp,
        /// Why, for failures.
        error: Option<Failure>,
    },
    /// A conversation was read, deleted, renamed or merged.
    ConversationUpdated {
        /// As it is now.
        conversation: Conversation,
    },
    /// A connection changed.
    ClientUpdated {
        /// As it is now.
        client: Client,
    },
    /// A template changed.
    TemplateUpdated {
        /// As it is now.
        template: Template,
    },
}

/// An entry before it has its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// Whose log.
    pub owner: Owner,
    /// Where in it.
    pub position: Position,
    /// What it says.
    pub event: Event,
}

/// The state of an owner's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The newest event; 0 when there is none.
    pub position: Position,
    /// The oldest event that is kept; 0 or 1 while nothing was trimmed.
    pub kept_from: Position,
}
