//! Conversations: showing, reading, deleting, and the window.
//!
//! Invariant: what is not the caller's, or is hidden, answers as if it did not exist.

use std::{sync::Arc, time::Duration};

use super::{Core, Error, clients::live_client};
use crate::{
    domain::{
        actor::Scope,
        conversation::Conversation,
        event::News,
        ids::{ConversationId, MessageId},
        message::{Direction, Place},
        owner::Owner,
        page::{ConversationQuery, Page, Shown},
        refusal::Refusal,
        rules::pick,
        template::Purpose,
        time::Timestamp,
    },
    store::Footprint,
};

/// The customer service window, computed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowView {
    /// Whose window.
    pub conversation: ConversationId,
    /// Whether text may be sent.
    pub open: bool,
    /// When it ends or ended; `None` when the candidate never wrote.
    pub expires_at: Option<Timestamp>,
    /// How long it stays open; zero when closed.
    pub remaining: Duration,
    /// What a template would be picked for; `None` while it is open.
    pub next: Option<Purpose>,
}

impl Core {
    /// Lists conversations by newest activity; an owner's are those that their live client shows.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn list_conversations(
        &self,
        mut query: ConversationQuery,
    ) -> Result<Page<Conversation>, Error> {
        if let Some(owner) = query.scope.owner() {
            let Some(shown) = self.shown(owner).await? else {
                return Ok(Page { rows: Vec::new(), more: false });
            };
            query.shown = Some(shown);
        }
        Ok(self.store.list_conversations(query).await?)
    }

    /// What an owner's live client shows; `None` without one. A deleted client's conversations are
    /// hidden until its owner connects the number again.
    async fn shown(&self, owner: &Owner) -> Result<Option<Shown>, Error> {
        let client = self.store.load(owner, live_client()).await?.clients.pop();
        Ok(client
            .map(|client| Shown { client: client.id, number: client.phone_number_id().cloned() }))
    }

    /// One conversation.
    ///
    /// # Errors
    /// `CONVERSATION_NOT_FOUND` when it does not exist, is not the caller's, or is deleted.
    pub async fn conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        let found = self.see_conversation(scope, id).await?.filter(|row| !row.hidden);
        let row = found.ok_or(Refusal::ConversationNotFound)?;
        let shown = self.shown(&row.owner).await?;
        if shown.is_some_and(|shown| shown.shows(&row)) {
            Ok(row)
        } else {
            Err(Refusal::ConversationNotFound.into())
        }
    }

    /// Hides a conversation and everything in it, until a new message.
    ///
    /// # Errors
    /// As [`Core::conversation`].
    pub async fn delete_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<(), Error> {
        let owner = self.conversation(scope, id).await?.owner;
        let footprint = Footprint { conversations: vec![id], ..Footprint::default() };
        self.decide(&owner, footprint, |set| {
            if set.conversation(id).is_none_or(|row| row.hidden) {
                return Err(Refusal::ConversationNotFound);
            }
            if let Some(conversation) = set.change_conversation(id, Conversation::hide) {
                set.tell(News::ConversationUpdated { conversation });
            }
            Ok(())
        })
        .await
    }

    /// Marks everything as read, or everything up to a message; tells the candidate when the setting
    /// is on.
    ///
    /// # Errors
    /// As [`Core::conversation`]; `MESSAGE_NOT_FOUND` when `up_to` is not in it.
    pub async fn mark_read(
        self: &Arc<Self>,
        scope: &Scope,
        id: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<Conversation, Error> {
        let footprint = Footprint { conversations: vec![id], ..Footprint::default() };
        for _ in 0..8 {
            // Looked at before counting: a message that comes in between moves the revision.
            let row = self.conversation(scope, id).await?;
            let place = self.place_in(scope, &row, up_to).await?;
            let (owner, seen) = (row.owner.clone(), row.revision);
            let unread = match place {
                Some(place) => self.inbound_after(&row, place).await?,
                None => 0,
            };
            let outcome = self.decide(&owner, footprint.clone(), |set| {
                let row = set.conversation(id).filter(|row| !row.hidden);
                let row = row.ok_or(Refusal::ConversationNotFound)?.clone();
                if place.is_some() && row.revision != seen {
                    // A message came between counting and deciding: count again.
                    return Ok(None);
                }
                let unread = unread.min(row.unread_count);
                if row.unread_count == unread {
                    return Ok(Some((row, false)));
                }
                let changed = set.change_conversation(id, |row| row.unread_count = unread);
                let row = changed.ok_or(Refusal::ConversationNotFound)?;
                set.tell(News::ConversationUpdated { conversation: row.clone() });
                Ok(Some((row, true)))
            });
            if let Some((row, changed)) = outcome.await? {
                if changed {
                    self.send_read_receipt(&row, place);
                }
                return Ok(row);
            }
        }
        Err(Error::Contended("the conversation did not hold still".to_owned()))
    }

    /// The place of a message of a conversation.
    async fn place_in(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: Option<MessageId>,
    ) -> Result<Option<Place>, Error> {
        let Some(message) = message else { return Ok(None) };
        let found = self.see_message(scope, message).await?;
        let own =
            found.filter(|row| conversation.threads().any(|(id, _)| id == row.conversation_id));
        Ok(Some(own.ok_or(Refusal::MessageNotFound)?.place()))
    }

    /// Tells the candidate that their newest message, at or before `place`, was read. A courtesy that
    /// nobody waits for: when it fails, nothing of ours is wrong.
    fn send_read_receipt(self: &Arc<Self>, row: &Conversation, place: Option<Place>) {
        let (core, row) = (Arc::clone(self), row.clone());
        self.receipts.spawn(async move {
            let Ok(page) = core.thread(&row, None, 50).await else { return };
            let newest = page.rows.into_iter().find(|message| {
                message.direction == Direction::Inbound
                    && place.is_none_or(|place| message.place() <= place)
            });
            if let Some(message) = newest {
                core.tell_read(message).await;
            }
        });
    }

    /// The customer service window, computed now.
    ///
    /// # Errors
    /// As [`Core::conversation`].
    pub async fn window(&self, scope: &Scope, id: ConversationId) -> Result<WindowView, Error> {
        let row = self.conversation(scope, id).await?;
        let now = self.clock.now();
        let open = row.in_window(now);
        let expires_at = row.window_expires_at();
        Ok(WindowView {
            conversation: row.id,
            open,
            expires_at,
            remaining: expires_at.map_or(Duration::ZERO, |end| end.since(now)),
            next: if open { None } else { Some(pick::purpose(Some(&row))) },
        })
    }
}
