//! A conversation on the wire.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    Malformed,
    messages::model::{Direction, MessageStatus},
    present, time, time_or_none, word,
};

/// The thread with one candidate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    id: String,
    client_id: String,
    owner: String,
    candidate: Candidate,
    last_message: Option<LastMessage>,
    /// Never falls.
    last_message_at: Option<String>,
    unread_count: i32,
    /// Whether free text may be sent.
    in_window: bool,
    window_expires_at: Option<String>,
    /// Only grows; ignore a lower one.
    revision: i64,
    created_at: String,
    updated_at: String,
    /// Deleted; lists leave it out until a new message opens it again.
    hidden: bool,
    /// The conversation that goes on in its stead, when both turned out to be with one person.
    merged_into: Option<String>,
}

/// The person on the other side, as far as Meta tells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    wa_id: Option<String>,
    user_id: Option<String>,
    phone_number: Option<String>,
    name: Option<String>,
    username: Option<String>,
    /// They stopped marketing messages at WhatsApp: marketing templates are refused.
    marketing_stopped: bool,
}

/// What a list shows of the newest message.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastMessage {
    id: String,
    direction: Direction,
    #[serde(rename = "type")]
    kind: String,
    preview: String,
    status: MessageStatus,
    at: String,
}

impl TryFrom<pb::Conversation> for Conversation {
    type Error = Malformed;

    fn try_from(conversation: pb::Conversation) -> Result<Self, Malformed> {
        let pb::Conversation {
            id,
            client_id,
            owner,
            candidate,
            last_message,
            last_message_at,
            unread_count,
            window_expires_at,
            in_window,
            revision,
            created_at,
            updated_at,
            hidden,
            merged_into,
        } = conversation;
        Ok(Self {
            id,
            client_id,
            owner,
            candidate: present(candidate, "conversation.candidate")?.into(),
            last_message: last_message.map(LastMessage::try_from).transpose()?,
            last_message_at: time_or_none(last_message_at, "conversation.last_message_at")?,
            unread_count,
            in_window,
            window_expires_at: time_or_none(window_expires_at, "conversation.window_expires_at")?,
            revision,
            created_at: time(created_at, "conversation.created_at")?,
            updated_at: time(updated_at, "conversation.updated_at")?,
            hidden,
            merged_into,
        })
    }
}

impl TryFrom<Option<pb::Conversation>> for Conversation {
    type Error = Malformed;

    fn try_from(conversation: Option<pb::Conversation>) -> Result<Self, Malformed> {
        present(conversation, "conversation")?.try_into()
    }
}

impl From<pb::Candidate> for Candidate {
    fn from(candidate: pb::Candidate) -> Self {
        let pb::Candidate { wa_id, user_id, phone_number, name, username, marketing_stopped } =
            candidate;
        Self { wa_id, user_id, phone_number, name, username, marketing_stopped }
    }
}

impl TryFrom<pb::LastMessage> for LastMessage {
    type Error = Malformed;

    fn try_from(message: pb::LastMessage) -> Result<Self, Malformed> {
        let pb::LastMessage { id, direction, r#type, preview, status, at } = message;
        Ok(Self {
            id,
            direction: word::<pb::Direction>(direction, "last_message.direction")?.try_into()?,
            kind: r#type,
            preview,
            status: word::<pb::MessageStatus>(status, "last_message.status")?.try_into()?,
            at: time(at, "last_message.at")?,
        })
    }
}
