//! What Meta told us, in our words.
//!
//! Invariant: a fact is idempotent; taking it in twice, or in any order with others, ends the same.

use super::{
    content::{Content, MessageType},
    identity::{Identity, PhoneNumber, UserId},
    ids::{PhoneNumberId, WabaId, Wamid},
    status::Step,
    time::Timestamp,
};

/// The sender of an inbound message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sender {
    /// Their number, unless hidden.
    pub phone: Option<PhoneNumber>,
    /// Their business-scoped id, when given.
    pub user_id: Option<UserId>,
    /// Their name in WhatsApp.
    pub name: Option<String>,
    /// Their user name.
    pub username: Option<String>,
}

impl Sender {
    /// Every identifier, the business-scoped id first: it beats the number.
    pub fn identities(&self) -> Vec<Identity> {
        let user = self.user_id.clone().map(Identity::User);
        user.into_iter().chain(self.phone.clone().map(Identity::Phone)).collect()
    }
}

/// A candidate wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// Meta's id.
    pub wamid: Wamid,
    /// From whom; at least one identifier.
    pub sender: Sender,
    /// By Meta's clock, whole seconds.
    pub sent_at: Timestamp,
    /// Its type.
    pub kind: MessageType,
    /// What it says.
    pub content: Content,
    /// The message that it answers.
    pub context: Option<Wamid>,
}

/// A message of ours came a step further.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusReport {
    /// Meta's id.
    pub wamid: Wamid,
    /// The step.
    pub step: Step,
    /// What we gave Meta to find the message by; checked before it is believed.
    pub opaque: Option<String>,
    /// The candidate's business-scoped id, when given.
    pub recipient: Option<UserId>,
}

/// The customer took our app's access to an account away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// When, by Meta's clock, whole seconds.
    pub at: Timestamp,
    /// From which app, when Meta names it.
    pub app_id: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A candidate wrote.
    Inbound(Box<Inbound>),
    /// A message of ours came a step further.
    Status(StatusReport),
    /// The access to the number's account was taken away.
    Withdrawn(Withdrawn),
}

/// One thing that Meta told us of one business number.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// What happened.
    pub what: What,
}

/// One thing that Meta told us of an account, and so of every number of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountFact {
    /// The account.
    pub waba_id: WabaId,
    /// When, by Meta's clock; `None` when it does not say.
    pub at: Option<Timestamp>,
    /// From which app access was taken away, when Meta names it.
    pub app_id: Option<String>,
}

/// One element of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// Understood.
    Fact(Fact),
    /// Understood, and about a whole account.
    Account(AccountFact),
    /// Well formed, but nothing that this version acts on; kept in the journal.
    Ignored,
    /// Not understood; set aside with its reason, its neighbours go on.
    Malformed(String),
}
