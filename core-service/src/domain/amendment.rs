//! A message that was changed or taken back by whoever wrote it.
//!
//! Invariant: amendments commute. Of two edits the later one by Meta's clock holds, and a message that was
//! taken back stays so.

use serde::{Deserialize, Serialize};

use super::{
    content::{Content, MessageType},
    ids::Wamid,
    message::Direction,
    time::Timestamp,
};

/// What was done to a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It says something else now.
    Edited {
        /// Its type now.
        kind: MessageType,
        /// What it says now.
        content: Box<Content>,
    },
    /// It was taken back.
    Revoked,
}

/// One amendment of one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Meta's id of the amendment itself.
    pub wamid: Wamid,
    /// Who wrote the message: nobody changes another's words.
    pub direction: Direction,
    /// When, by Meta's clock.
    pub at: Timestamp,
    /// What was done.
    #[serde(flatten)]
    pub change: Change,
}
