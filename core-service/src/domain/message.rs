//! A message of a conversation.
//!
//! Invariant: its place (`at`, id) never moves; a wamid is unique within (owner, business number) and
//! an idempotency key within the owner, for ever.

use serde::{Deserialize, Serialize};

use super::{
    content::{Content, MessageType},
    context::{Context, Referral},
    fetch::Fetch,
    identity::Identity,
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, Wamid},
    owner::Owner,
    pricing::Pricing,
    status::{Life, Status},
    template::Purpose,
    time::Timestamp,
};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// The candidate.
    Inbound,
    /// We.
    Outbound,
}

/// The place of a message in its conversation: by time, then arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The message's `at`.
    pub at: Timestamp,
    /// The message.
    pub id: MessageId,
}

/// The promise under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotency {
    /// As the caller gave it.
    pub key: String,
    /// SHA-256 of the canonical request, lower-case hex.
    pub fingerprint: String,
}

/// What the outbox needs to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// To whom.
    pub to: Identity,
    /// Meta's id of the message answered.
    pub context: Option<Wamid>,
    /// While queued: not before this time. `None` once it is over.
    pub due_at: Option<Timestamp>,
    /// How often Meta was asked.
    pub attempts: u32,
    /// While sending: the term of the lane that asked. A later term means that the asker is gone.
    pub term: Option<u64>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub owner: Owner,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// The client that carried it.
    pub client_id: ClientId,
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// Who wrote it.
    pub direction: Direction,
    /// Meta's id, once known.
    pub wamid: Option<Wamid>,
    /// Meta's word for its type.
    pub kind: MessageType,
    /// What it says.
    pub content: Content,
    /// Its state and how it got there.
    pub life: Life,
    /// What a template was picked for.
    pub purpose: Option<Purpose>,
    /// The message that it answers, when we have it.
    pub reply_to: Option<MessageId>,
    /// The message that it repeats.
    pub retry_of: Option<MessageId>,
    /// Who sent it, for outbound ones.
    pub sent_by: Option<String>,
    /// Its place in time: the last millisecond of Meta's second for inbound ones, the moment that we
    /// took it for outbound ones.
    pub at: Timestamp,
    /// Edited by the candidate.
    pub edited_at: Option<Timestamp>,
    /// Meta's id of the edit that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<Wamid>,
    /// Taken back by the candidate.
    pub revoked_at: Option<Timestamp>,
    /// What it refers to beyond its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Box<Context>>,
    /// The ad or post that brought the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Box<Referral>>,
    /// What Meta charges for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// JSON of the message as it came, when it has something that its form here does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The promise under a key.
    pub idempotency: Option<Idempotency>,
    /// For outbound ones.
    pub outbox: Option<Outbox>,
    /// While its file is to be fetched from Meta, and after that was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch: Option<Box<Fetch>>,
    /// Only grows.
    pub revision: u64,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What there is to say of a message at once; the rest comes later, or never.
pub struct Beginning {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub owner: Owner,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// The client that carries it.
    pub client_id: ClientId,
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// Who wrote it.
    pub direction: Direction,
    /// Its type.
    pub kind: MessageType,
    /// What it says.
    pub content: Content,
    /// Its state.
    pub life: Life,
    /// Its place in time.
    pub at: Timestamp,
    /// When it is recorded.
    pub now: Timestamp,
}

impl Message {
    /// A message that begins.
    pub fn begin(beginning: Beginning) -> Self {
        let Beginning {
            id,
            owner,
            conversation_id,
            client_id,
            phone_number_id,
            direction,
            kind,
            content,
            life,
            at,
            now,
        } = beginning;
        Self {
            id,
            owner,
            conversation_id,
            client_id,
            phone_number_id,
            direction,
            wamid: None,
            kind,
            content,
            life,
            purpose: None,
            reply_to: None,
            retry_of: None,
            sent_by: None,
            at,
            edited_at: None,
            edited_by: None,
            revoked_at: None,
            context: None,
            referral: None,
            pricing: None,
            raw: None,
            idempotency: None,
            outbox: None,
            fetch: None,
            revision: 1,
            created_at: now,
        }
    }

    /// Its place in the conversation.
    pub const fn place(&self) -> Place {
        Place { at: self.at, id: self.id }
    }

    /// One line for a list.
    pub fn preview(&self) -> String {
        if self.revoked_at.is_some() {
            "[revoked]".to_owned()
        } else {
            self.content.preview(self.kind)
        }
    }

    /// When the outbox has to act on it; `None` when it has not.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.life.phase() {
            Status::Queued => self.outbox.as_ref().and_then(|outbox| outbox.due_at),
            Status::Received
            | Status::Sending
            | Status::Unknown
            | Status::Accepted
            | Status::Sent
            | Status::Failed
            | Status::Delivered
            | Status::Read => None,
        }
    }

    /// When its file is to be fetched; `None` when there is nothing to fetch.
    pub fn fetch_at(&self) -> Option<Timestamp> {
        self.fetch.as_ref().and_then(|fetch| fetch.due_at)
    }

    /// The term under which it is being sent, while it is.
    pub fn sending_term(&self) -> Option<u64> {
        if self.life.phase() == Status::Sending {
            self.outbox.as_ref().and_then(|outbox| outbox.term)
        } else {
            None
        }
    }
}
