//! What a caller can see by id.
//!
//! Invariant: this is the one place where a flow reads a row by its id alone, and it takes a scope to do so:
//! what the scope does not see is not there. Every other read is by an owner, or by a query that has a scope.

use super::{Core, Error};
use crate::domain::{
    actor::Scope,
    client::Client,
    conversation::Conversation,
    ids::{ClientId, ConversationId, MessageId, TemplateId},
    kinship::Absorbed,
    message::Message,
    owner::Owner,
    refusal::Refusal,
    template::Template,
};

impl Core {
    /// A client, deleted or not.
    pub(super) async fn see_client(
        &self,
        scope: &Scope,
        id: ClientId,
    ) -> Result<Option<Client>, Error> {
        Ok(self.store.client(id).await?.filter(|row| scope.sees(&row.owner)))
    }

    /// A conversation, hidden or not; of one that was merged, the one that goes on in its stead.
    pub(super) async fn see_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<Option<Conversation>, Error> {
        let mut at = Some(id);
        let mut found = None;
        for _ in 0..Absorbed::CHAIN {
            let Some(id) = at else { break };
            found = self.store.conversation(id).await?.filter(|row| scope.sees(&row.owner));
            at = found.as_ref().and_then(|row| row.merged_into);
        }
        Ok(found)
    }

    /// A message, hidden or not.
    pub(super) async fn see_message(
        &self,
        scope: &Scope,
        id: MessageId,
    ) -> Result<Option<Message>, Error> {
        Ok(self.store.message(id).await?.filter(|row| scope.sees(&row.owner)))
    }

    /// A message of an owner, hidden or not.
    ///
    /// # Errors
    /// `MESSAGE_NOT_FOUND` when there is none.
    pub(super) async fn own_message(&self, owner: &Owner, id: MessageId) -> Result<Message, Error> {
        let found = self.see_message(&Scope::Owner(owner.clone()), id).await?;
        found.ok_or_else(|| Refusal::MessageNotFound.into())
    }

    /// True when there is a message of this id and it is not this owner's. Callers are not told.
    ///
    /// # Errors
    /// When the store is away.
    pub(super) async fn is_anothers(&self, owner: &Owner, id: MessageId) -> Result<bool, Error> {
        Ok(self.store.message(id).await?.is_some_and(|row| row.owner != *owner))
    }

    /// A template.
    pub(super) async fn see_template(
        &self,
        scope: &Scope,
        id: TemplateId,
    ) -> Result<Option<Template>, Error> {
        Ok(self.store.template(id).await?.filter(|row| scope.sees(&row.owner)))
    }
}
