//! What Meta told us, in our words.
//!
//! Invariant: a fact is idempotent; taking it in twice, or in any order with others, ends the same.

use serde::{Deserialize, Serialize};

use super::{
    account::{AccountFact, AccountNews, Told},
    amendment::Amendment,
    content::{Content, MessageType},
    context::{Context, Referral},
    identity::{Identity, PhoneNumber, UserId},
    ids::{PhoneNumberId, Wamid},
    pricing::Pricing,
    status::Step,
    time::Timestamp,
};

/// A person as Meta names them: the sender of a message, or the one whom it went to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Person {
    /// Their number, unless hidden.
    pub phone: Option<PhoneNumber>,
    /// Their business-scoped id, when given.
    pub user_id: Option<UserId>,
    /// Their name in WhatsApp.
    pub name: Option<String>,
    /// Their user name.
    pub username: Option<String>,
}

impl Person {
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
    pub sender: Person,
    /// By Meta's clock, whole seconds.
    pub sent_at: Timestamp,
    /// Its type.
    pub kind: MessageType,
    /// What it says.
    pub content: Content,
    /// What it refers to.
    pub context: Option<Box<Context>>,
    /// What brought the candidate.
    pub referral: Option<Box<Referral>>,
    /// The message as it came, when its form here does not hold all of it.
    pub raw: Option<String>,
    /// Who they are now, when the message says that their identifiers changed.
    pub became: Option<Box<Person>>,
}

/// The business wrote, on a phone of its own and not through us.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    /// Meta's id.
    pub wamid: Wamid,
    /// To whom; at least one identifier.
    pub recipient: Person,
    /// By Meta's clock, whole seconds.
    pub sent_at: Timestamp,
    /// Its type.
    pub kind: MessageType,
    /// What it says.
    pub content: Content,
    /// What it refers to.
    pub context: Option<Box<Context>>,
    /// The message as it came, when its form here does not hold all of it.
    pub raw: Option<String>,
}

/// Somebody changed a message of theirs, or took it back.
#[derive(Debug, Clone, PartialEq)]
pub struct Amended {
    /// Meta's id of the message.
    pub original: Wamid,
    /// What was done.
    pub amendment: Amendment,
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
    /// The candidate; may have no identifier.
    pub recipient: Person,
    /// What it costs, in the reports that say so.
    pub pricing: Option<Pricing>,
}

/// A candidate chose whether they take marketing messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// Who; at least one identifier.
    pub person: Person,
    /// When, by Meta's clock.
    pub at: Timestamp,
    /// They want none.
    pub stopped: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A candidate wrote.
    Inbound(Box<Inbound>),
    /// The business wrote, not through us.
    Echo(Box<Echo>),
    /// A message was changed or taken back.
    Amended(Box<Amended>),
    /// A message of ours came a step further.
    Status(Box<StatusReport>),
    /// A candidate chose about marketing messages.
    Preference(Preference),
    /// Meta told something of the account, the number or a template.
    Account(Told),
}

/// One thing that Meta told us of one business number.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// What happened.
    pub what: What,
}

/// One element of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// Understood.
    Fact(Fact),
    /// Understood, and about an account.
    Account(AccountFact),
    /// Well formed, but nothing that this version acts on; kept in the journal.
    Ignored,
    /// Not understood; set aside with its reason, its neighbours go on.
    Malformed(String),
}

impl Element {
    /// What it is, in one word, for whoever looks into the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Fact(fact) => fact.what.kind(),
            Self::Account(fact) => fact.news.first().map_or("account", AccountNews::kind),
            Self::Ignored => "ignored",
            Self::Malformed(_) => "malformed",
        }
    }

    /// The business number or account that it is about.
    pub fn about(&self) -> Option<String> {
        match self {
            Self::Fact(fact) => Some(fact.phone_number_id.to_string()),
            Self::Account(fact) => Some(fact.waba_id.to_string()),
            Self::Ignored | Self::Malformed(_) => None,
        }
    }
}

impl What {
    /// What it is, in one word, for whoever looks into the journal.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Inbound(_) => "message",
            Self::Echo(_) => "echo",
            Self::Amended(_) => "amendment",
            Self::Status(_) => "status",
            Self::Preference(_) => "preference",
            Self::Account(told) => told.news.kind(),
        }
    }
}
