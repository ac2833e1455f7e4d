//! Single rows, of whatever owner.

use mongodb::bson::doc;
use uuid::Uuid;

use super::{
    super::{
        db::{Db, Find},
        field::{self, CLIENTS, CONVERSATIONS, MESSAGES, Name, TEMPLATES},
    },
    bodies,
};
use crate::{
    domain::{
        client::Client,
        conversation::Conversation,
        ids::{ClientId, ConversationId, MessageId, TemplateId},
        message::Message,
        template::Template,
    },
    store::{StoreError, form::Form},
};

/// One client, deleted or not.
pub(in super::super) async fn client(db: &Db, id: ClientId) -> Result<Option<Client>, StoreError> {
    one(db, CLIENTS, id.uuid()).await
}

/// One conversation, hidden or not.
pub(in super::super) async fn conversation(
    db: &Db,
    id: ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    one(db, CONVERSATIONS, id.uuid()).await
}

/// One message.
pub(in super::super) async fn message(
    db: &Db,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    one(db, MESSAGES, id.uuid()).await
}

/// One template.
pub(in super::super) async fn template(
    db: &Db,
    id: TemplateId,
) -> Result<Option<Template>, StoreError> {
    one(db, TEMPLATES, id.uuid()).await
}

async fn one<T: Form>(db: &Db, of: Name, id: Uuid) -> Result<Option<T>, StoreError> {
    let found = bodies(db, Find::all(of, doc! { "_id": field::uuid(id) })).await?;
    Ok(found.into_iter().next())
}
