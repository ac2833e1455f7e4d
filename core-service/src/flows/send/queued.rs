//! A message that is to be sent, and what is remembered of the rows around it.
//!
//! Invariant: what is remembered was stored together; a decision on it expects it to be so still.

use super::super::{Core, decide::Remembered};
use crate::{
    domain::{
        client::Client, conversation::Conversation, message::Message, working_set::WorkingSet,
    },
    store::{Footprint, Rows},
};

/// A message whose turn comes.
#[derive(Debug, Clone)]
pub struct Queued {
    message: Message,
    /// Unknown when it was found in the store.
    around: Option<Box<Around>>,
}

#[derive(Debug, Clone)]
struct Around {
    client: Client,
    conversation: Conversation,
}

impl Queued {
    /// One that was found in the store's outbox.
    pub const fn found(message: Message) -> Self {
        Self { message, around: None }
    }

    /// One that is being recorded, as it will be stored.
    pub(super) fn recorded(
        set: &mut WorkingSet,
        id: crate::domain::ids::MessageId,
    ) -> Option<Self> {
        let client = set.live_client()?;
        let message = set.message(id)?.clone();
        let conversation = set.conversation(message.conversation_id)?.clone();
        Some(Self { message, around: Some(Box::new(Around { client, conversation })) })
    }

    /// The message.
    pub const fn message(&self) -> &Message {
        &self.message
    }
}

impl Core {
    /// What taking a message up can be decided on without looking for all of it; `None` when nothing is
    /// remembered that would be worth it.
    pub(super) fn remembered(&self, queued: &Queued) -> Option<Remembered> {
        let Queued { message, around } = queued.clone();
        let (client, conversations, look) = match around.map(|around| *around) {
            Some(Around { client, conversation }) => (client, vec![conversation], None),
            None => {
                let conversations = vec![message.conversation_id];
                let look = Footprint { conversations, ..Footprint::default() };
                (self.clients.get(&message.owner)?, Vec::new(), Some(look))
            }
        };
        let rows = Rows {
            clients: vec![client],
            conversations,
            messages: vec![message],
            ..Rows::default()
        };
        Some(Remembered { rows, look })
    }
}
