//! An event on the wire, the same on every face.

use linkojob_proto::v1::{self as pb, event::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    Malformed,
    clients::model::Client,
    conversations::model::Conversation,
    messages::model::{Message, MessageError, MessageStatus},
    present,
    templates::model::Template,
    time, word,
};

/// One entry of an owner's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    /// The cursor: following after it goes on with the next one.
    id: String,
    #[serde(rename = "type")]
    kind: EventType,
    at: String,
    data: EventData,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub enum EventType {
    /// A candidate wrote.
    #[serde(rename = "message:incoming")]
    MessageIncoming,
    /// A message to a candidate was recorded.
    #[serde(rename = "message:sent")]
    MessageSent,
    /// A message's content changed.
    #[serde(rename = "message:updated")]
    MessageUpdated,
    /// A message went a step on.
    #[serde(rename = "message:status")]
    MessageStatus,
    /// A conversation was read, deleted, renamed or merged.
    #[serde(rename = "conversation:updated")]
    ConversationUpdated,
    /// A connection changed.
    #[serde(rename = "client:updated")]
    ClientUpdated,
    /// A template changed.
    #[serde(rename = "template:updated")]
    TemplateUpdated,
}

/// By the event's type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventData {
    /// `message:incoming`, `message:sent`, `message:updated`
    Message(Box<MessageChange>),
    /// `message:status`
    Status(StatusChange),
    /// `conversation:updated`
    Conversation(Box<ConversationChange>),
    /// `client:updated`
    Client(Box<ClientChange>),
    /// `template:updated`
    Template(Box<TemplateChange>),
}

/// A message and its conversation at that time.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageChange {
    conversation: Conversation,
    message: Message,
}

/// A step in the life of a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusChange {
    conversation_id: String,
    message_id: String,
    wamid: Option<String>,
    status: MessageStatus,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<MessageError>,
}

/// A conversation as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationChange {
    conversation: Conversation,
}

/// A client as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientChange {
    client: Client,
}

/// A template as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateChange {
    template: Template,
}

impl TryFrom<pb::Event> for Event {
    type Error = Malformed;

    fn try_from(event: pb::Event) -> Result<Self, Malformed> {
        let pb::Event {
            cursor,
            owner: _, // the reader follows one owner and knows whom
            at,
            data,
        } = event;
        let (kind, data) = match present(data, "event.data")? {
            Data::MessageIncoming(change) => (EventType::MessageIncoming, message(change)?),
            Data::MessageSent(change) => (EventType::MessageSent, message(change)?),
            Data::MessageUpdated(change) => (EventType::MessageUpdated, message(change)?),
            Data::MessageStatus(change) => {
                (EventType::MessageStatus, EventData::Status(change.try_into()?))
            }
            Data::ConversationUpdated(conversation) => {
                let change = ConversationChange { conversation: conversation.try_into()? };
                (EventType::ConversationUpdated, EventData::Conversation(Box::new(change)))
            }
            Data::ClientUpdated(client) => {
                let change = ClientChange { client: client.try_into()? };
                (EventType::ClientUpdated, EventData::Client(Box::new(change)))
            }
            Data::TemplateUpdated(template) => {
                let change = TemplateChange { template: template.try_into()? };
                (EventType::TemplateUpdated, EventData::Template(Box::new(change)))
            }
        };
        Ok(Self { id: cursor, kind, at: time(at, "event.at")?, data })
    }
}

fn message(change: pb::MessageEvent) -> Result<EventData, Malformed> {
    let pb::MessageEvent { conversation, message } = change;
    let (conversation, message) = (conversation.try_into()?, message.try_into()?);
    Ok(EventData::Message(Box::new(MessageChange { conversation, message })))
}

impl TryFrom<pb::MessageStatusEvent> for StatusChange {
    type Error = Malformed;

    fn try_from(change: pb::MessageStatusEvent) -> Result<Self, Malformed> {
        let pb::MessageStatusEvent { conversation_id, message_id, wamid, status, at, error } =
            change;
        Ok(Self {
            conversation_id,
            message_id,
            wamid,
            status: word::<pb::MessageStatus>(status, "event.status")?.try_into()?,
            at: time(at, "event.status.at")?,
            error: error.map(MessageError::from),
        })
    }
}
