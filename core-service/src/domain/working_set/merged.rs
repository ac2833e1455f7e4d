//! Conversations that were merged into others.
//!
//! Invariant: whoever asks for one that was merged, reads or changes the one that goes on in its stead, and
//! what is told of a message names that one. The rows of messages stay as they are.

use super::WorkingSet;
use crate::domain::{
    conversation::Conversation, event::News, ids::ConversationId, kinship::Absorbed,
};

impl WorkingSet {
    /// The conversation that goes on in place of this one; itself when it was not merged.
    pub fn resolve(&self, id: ConversationId) -> ConversationId {
        let mut at = id;
        for _ in 0..Absorbed::CHAIN {
            match self.conversations.get(&at).and_then(|row| row.merged_into) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Changes a conversation that is merged by this; returns it as it then is.
    pub fn change_merged(
        &mut self,
        id: ConversationId,
        with: impl FnOnce(&mut Conversation),
    ) -> Option<Conversation> {
        let now = self.now;
        let number = self.conversations.get(&id)?.phone_number_id.clone();
        for identity in self.conversations.get(&id)?.identities.clone() {
            self.by_identity.remove(&(number.clone(), identity));
        }
        self.conversations.change(&id, |row| {
            with(row);
            row.updated_at = now;
        })?;
        self.conversations.get(&id).cloned()
    }

    /// A message is where its conversation is now.
    pub(super) fn show_where_it_is(&self, news: &mut News) {
        match news {
            News::MessageIncoming { conversation, message }
            | News::MessageSent { conversation, message }
            | News::MessageUpdated { conversation, message } => {
                message.conversation_id = conversation.id;
            }
            News::MessageStatus { conversation_id, .. } => {
                *conversation_id = self.resolve(*conversation_id);
            }
            News::ConversationUpdated { .. }
            | News::ClientUpdated { .. }
            | News::TemplateUpdated { .. } => {}
        }
    }
}
