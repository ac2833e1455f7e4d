//! A message on the wire: in answers, lists and events alike.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    content::Content,
    particulars::{Context, Pricing, Referral},
};
use crate::api::{Malformed, present, templates::model::TemplatePurpose, time, time_or_none, word};

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    id: String,
    conversation_id: String,
    direction: Direction,
    /// Meta's id, once known.
    wamid: Option<String>,
    /// Meta's word: `text`, `image`, `template`, …
    #[serde(rename = "type")]
    kind: String,
    content: Content,
    status: MessageStatus,
    status_history: Vec<StatusEntry>,
    template_purpose: Option<TemplatePurpose>,
    reply_to: Option<String>,
    retry_of: Option<String>,
    sent_by: Option<String>,
    /// The place in the conversation's order; never moves.
    at: String,
    edited_at: Option<String>,
    revoked_at: Option<String>,
    /// Only grows; ignore a lower one.
    revision: i64,
    created_at: String,
    error: Option<MessageError>,
    context: Option<Context>,
    referral: Option<Referral>,
    pricing: Option<Pricing>,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// The candidate.
    Inbound,
    /// The recruiter.
    Outbound,
}

/// What is known of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageStatus {
    /// Inbound.
    Received,
    /// Recorded, waits for its turn.
    Queued,
    /// On its way to Meta.
    Sending,
    /// Meta took it.
    Accepted,
    /// WhatsApp sent it on.
    Sent,
    /// The phone has it.
    Delivered,
    /// The candidate has read it.
    Read,
    /// It did not go out.
    Failed,
    /// Meta may or may not have it; never sent again by itself.
    Unknown,
}

/// One step in a message's life.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusEntry {
    status: MessageStatus,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<MessageError>,
}

/// Why a message failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageError {
    /// Meta's code; null when the reason is ours.
    code: Option<i32>,
    name: String,
    details: String,
}

impl TryFrom<pb::Message> for Message {
    type Error = Malformed;

    fn try_from(message: pb::Message) -> Result<Self, Malformed> {
        let pb::Message {
            id,
            conversation_id,
            direction,
            wamid,
            r#type,
            content,
            status,
            status_history,
            template_purpose,
            reply_to,
            retry_of,
            sent_by,
            at,
            edited_at,
            revoked_at,
            revision,
            created_at,
            error,
            owner: _, // stands in the conversation
            context,
            referral,
            pricing,
        } = message;
        let purpose = word::<pb::TemplatePurpose>(template_purpose, "message.template_purpose")?;
        let history = status_history.into_iter().map(StatusEntry::try_from);
        Ok(Self {
            direction: word::<pb::Direction>(direction, "message.direction")?.try_into()?,
            content: Content::from_core(present(content, "message.content")?, &id, &r#type)?,
            id,
            conversation_id,
            wamid,
            kind: r#type,
            status: word::<pb::MessageStatus>(status, "message.status")?.try_into()?,
            status_history: history.collect::<Result<_, _>>()?,
            template_purpose: TemplatePurpose::from_core(purpose),
            reply_to,
            retry_of,
            sent_by,
            at: time(at, "message.at")?,
            edited_at: time_or_none(edited_at, "message.edited_at")?,
            revoked_at: time_or_none(revoked_at, "message.revoked_at")?,
            revision,
            created_at: time(created_at, "message.created_at")?,
            error: error.map(MessageError::from),
            context: context.map(Context::from),
            referral: referral.map(Referral::from),
            pricing: pricing.map(Pricing::from),
        })
    }
}

impl TryFrom<Option<pb::Message>> for Message {
    type Error = Malformed;

    fn try_from(message: Option<pb::Message>) -> Result<Self, Malformed> {
        present(message, "message")?.try_into()
    }
}

impl Message {
    /// What is known of it.
    pub(crate) fn status(&self) -> MessageStatus {
        self.status
    }
}

impl TryFrom<pb::Direction> for Direction {
    type Error = Malformed;

    fn try_from(direction: pb::Direction) -> Result<Self, Malformed> {
        match direction {
            pb::Direction::Unspecified => Err(Malformed("direction")),
            pb::Direction::Inbound => Ok(Self::Inbound),
            pb::Direction::Outbound => Ok(Self::Outbound),
        }
    }
}

impl TryFrom<pb::MessageStatus> for MessageStatus {
    type Error = Malformed;

    fn try_from(status: pb::MessageStatus) -> Result<Self, Malformed> {
        match status {
            pb::MessageStatus::Unspecified => Err(Malformed("status")),
            pb::MessageStatus::Received => Ok(Self::Received),
            pb::MessageStatus::Queued => Ok(Self::Queued),
            pb::MessageStatus::Sending => Ok(Self::Sending),
            pb::MessageStatus::Accepted => Ok(Self::Accepted),
            pb::MessageStatus::Sent => Ok(Self::Sent),
            pb::MessageStatus::Delivered => Ok(Self::Delivered),
            pb::MessageStatus::Read => Ok(Self::Read),
            pb::MessageStatus::Failed => Ok(Self::Failed),
            pb::MessageStatus::Unknown => Ok(Self::Unknown),
        }
    }
}

impl TryFrom<pb::StatusEntry> for StatusEntry {
    type Error = Malformed;

    fn try_from(entry: pb::StatusEntry) -> Result<Self, Malformed> {
        let pb::StatusEntry { status, at, error } = entry;
        Ok(Self {
            status: word::<pb::MessageStatus>(status, "status_entry.status")?.try_into()?,
            at: time(at, "status_entry.at")?,
            error: error.map(MessageError::from),
        })
    }
}

impl From<pb::MessageError> for MessageError {
    fn from(error: pb::MessageError) -> Self {
        let pb::MessageError { code, name, details } = error;
        Self { code: (code != 0).then_some(code), name, details }
    }
}
