//! Reading the messages of a conversation.
//!
//! Invariant: whoever reads a conversation reads also what stands in those that were merged into it, in one
//! order, as if it had always been one; and a page costs the same however deep it is.

use std::collections::HashMap;

use super::{Core, Error};
use crate::{
    domain::{
        actor::Scope,
        content::Content,
        conversation::Conversation,
        ids::{ConversationId, MessageId, PhoneNumberId, Wamid},
        message::{Message, Place},
        owner::Owner,
        page::{MessageQuery, Page},
    },
    store::Footprint,
};

impl Core {
    /// A conversation's messages, newest first.
    ///
    /// # Errors
    /// As [`Core::conversation`].
    pub async fn list_messages(
        &self,
        scope: &Scope,
        conversation: ConversationId,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Page<Message>, Error> {
        let row = self.conversation(scope, conversation).await?;
        let mut page = self.thread(&row, before, limit).await?;
        self.refer(&row.owner, &mut page.rows).await?;
        Ok(page)
    }

    /// A page of all threads of a conversation.
    pub(super) async fn thread(
        &self,
        row: &Conversation,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Page<Message>, Error> {
        let mut whole = Page { rows: Vec::new(), more: false };
        for (conversation, hidden_before) in row.threads() {
            let query = MessageQuery { conversation, hidden_before, before, limit };
            let Page { rows, more } = self.store.list_messages(&row.owner, query).await?;
            whole.rows.extend(rows);
            whole.more |= more;
        }
        whole.rows.sort_by_key(|message| std::cmp::Reverse(message.place()));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        whole.more |= whole.rows.len() > most;
        whole.rows.truncate(most);
        for message in &mut whole.rows {
            message.conversation_id = row.id;
        }
        Ok(whole)
    }

    /// How many inbound messages of a conversation come after a place.
    pub(super) async fn inbound_after(
        &self,
        row: &Conversation,
        place: Place,
    ) -> Result<u32, Error> {
        let mut count = 0;
        for (thread, _) in row.threads() {
            count += self.store.inbound_after(&row.owner, thread, place).await?;
        }
        Ok(count)
    }

    /// Finds the messages that others refer to by Meta's id and that came after them, or not at all.
    pub(super) async fn refer(&self, owner: &Owner, rows: &mut [Message]) -> Result<(), Error> {
        let wamids: Vec<_> = rows.iter().filter_map(unresolved).collect();
        if wamids.is_empty() {
            return Ok(());
        }
        let footprint = Footprint { wamids, ..Footprint::default() };
        let found = self.store.load(owner, footprint).await?.messages;
        let found: HashMap<(PhoneNumberId, Wamid), MessageId> = found
            .into_iter()
            .filter_map(|message| Some(((message.phone_number_id, message.wamid?), message.id)))
            .collect();
        for row in rows {
            let id = unresolved(row).and_then(|key| found.get(&key).copied());
            match (&mut row.content, id) {
                (Content::Reaction(reaction), Some(id)) => reaction.message_id = Some(id),
                (_, Some(id)) => row.reply_to = Some(id),
                (_, None) => {}
            }
        }
        Ok(())
    }
}

/// What a message refers to, while it is not known which of ours that is.
fn unresolved(message: &Message) -> Option<(PhoneNumberId, Wamid)> {
    let wamid = if let Content::Reaction(reaction) = &message.content {
        Some(&reaction.wamid).filter(|_| reaction.message_id.is_none())
    } else {
        let answered = message.context.as_ref().and_then(|context| context.wamid.as_ref());
        answered.filter(|_| message.reply_to.is_none())
    };
    wamid.map(|wamid| (message.phone_number_id.clone(), wamid.clone()))
}
