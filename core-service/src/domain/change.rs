//! Writes as plain data: what a decision wants the store to do, all of it or none.
//!
//! Invariant: a batch has exactly one owner, touches each row at most once, and states everything it
//! relied on as an [`Expect`]. A batch with events has at least one expect that its own success breaks
//! (the row it inserts or moves to the next revision), so that running it again after an unknown
//! outcome is a conflict and never a second entry in the log.

use super::{
    amendment::Amendment,
    client::Client,
    conversation::Conversation,
    delivery::Settlement,
    event::Event,
    fact::Person,
    identity::Identity,
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId, TemplateId, Wamid},
    message::Message,
    owner::Owner,
    pricing::Pricing,
    status::Step,
    template::Template,
    time::Timestamp,
};

/// What Meta said of a message before the message itself came.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Orphan {
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// The message that Meta spoke of.
    pub wamid: Wamid,
    /// What Meta said; at most [`Orphan::STEPS`].
    pub steps: Vec<Step>,
    /// What Meta charges for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Whom it went to; at most [`Orphan::STEPS`] words of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Person>,
    /// What its author did to it; at most [`Orphan::STEPS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
    /// Only grows.
    pub revision: u64,
    /// When the first one was parked.
    pub created_at: Timestamp,
}

impl Orphan {
    /// The most steps that are parked for one message.
    pub const STEPS: usize = 32;

    /// Nothing was said yet.
    pub const fn new(phone_number_id: PhoneNumberId, wamid: Wamid, created_at: Timestamp) -> Self {
        Self {
            phone_number_id,
            wamid,
            steps: Vec::new(),
            pricing: None,
            recipients: Vec::new(),
            amendments: Vec::new(),
            revision: 1,
            created_at,
        }
    }

    /// Hears how far the message came, what it costs, and whom it went to.
    pub fn hear(&mut self, step: Step, pricing: Option<Pricing>, recipient: Person) {
        keep(&mut self.steps, step);
        self.pricing = Pricing::merge(self.pricing.take(), pricing);
        if recipient != Person::default() {
            keep(&mut self.recipients, recipient);
        }
    }

    /// Hears what its author did to it.
    pub fn hear_amendment(&mut self, amendment: Amendment) {
        keep(&mut self.amendments, amendment);
    }
}

/// Keeps what is not known yet, while there is room.
fn keep<T: PartialEq>(known: &mut Vec<T>, new: T) {
    if !known.contains(&new) && known.len() < Orphan::STEPS {
        known.push(new);
    }
}

/// Names a row, or a unique place that a row can take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A client.
    Client(ClientId),
    /// The owner's live client.
    LiveClient,
    /// A conversation.
    Conversation(ConversationId),
    /// The conversation of an identifier at a business number.
    Identity(PhoneNumberId, Identity),
    /// A message.
    Message(MessageId),
    /// The message of a wamid.
    Wamid(PhoneNumberId, Wamid),
    /// The message of an idempotency key.
    Idempotency(String),
    /// A template.
    Template(TemplateId),
    /// Parked statuses of a wamid.
    Orphan(PhoneNumberId, Wamid),
}

impl Key {
    /// What a conflict calls it: its kind alone, as the rest may be personal data.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Client(_) => "a client",
            Self::LiveClient => "the live client",
            Self::Conversation(_) => "a conversation",
            Self::Identity(..) => "the conversation of an identifier",
            Self::Message(_) => "a message",
            Self::Wamid(..) => "the message of a wamid",
            Self::Idempotency(_) => "the message of an idempotency key",
            Self::Template(_) => "a template",
            Self::Orphan(..) => "a parked status",
        }
    }
}

/// What a decision relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No row has the key.
    Absent,
    /// A row has it and is at this revision.
    At(u64),
    /// A row has it.
    Exists,
}

/// A key and the state that it must be in when the batch is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// Which.
    pub key: Key,
    /// How.
    pub state: State,
}

/// One row to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Insert or replace.
    Client(Box<Client>),
    /// Insert or replace, with its identifiers.
    Conversation(Box<Conversation>),
    /// Insert or replace.
    Message(Box<Message>),
    /// Insert or replace.
    Template(Box<Template>),
    /// Remove.
    DropTemplate(TemplateId),
    /// Insert or replace.
    Orphan(Box<Orphan>),
    /// Remove.
    DropOrphan(PhoneNumberId, Wamid),
}

/// Everything that one decision writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Whose rows.
    pub owner: Owner,
    /// What it relied on.
    pub expects: Vec<Expect>,
    /// Rows.
    pub writes: Vec<Write>,
    /// Entries of the owner's log, in order.
    pub events: Vec<Event>,
    /// Deliveries that are done with this batch.
    pub settlements: Vec<Settlement>,
}

impl Batch {
    /// True when committing it would change nothing.
    pub fn is_empty(&self) -> bool {
        let Self { owner: _, expects: _, writes, events, settlements } = self;
        writes.is_empty() && events.is_empty() && settlements.is_empty()
    }
}
