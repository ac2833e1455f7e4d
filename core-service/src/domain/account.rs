//! What Meta tells of an account, of a number or of a template: what concerns no single talk.
//!
//! Invariant: of two words about the same thing the later by Meta's clock holds, whichever comes first; of
//! two in the same second always the same one.

use serde::{Deserialize, Serialize};

use super::{
    identity::PhoneNumber,
    ids::{PhoneNumberId, WabaId},
    onboarding::Concern,
    standing::Topic,
    time::Timestamp,
};

/// What Meta told of an account: a fact for each client whom it reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountFact {
    /// The account.
    pub waba_id: WabaId,
    /// Which clients of it.
    pub reach: Reach,
    /// When, by Meta's clock, whole seconds; `None` when it does not say.
    pub at: Option<Timestamp>,
    /// What.
    pub news: Vec<AccountNews>,
}

/// Which clients of an account are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Account,
    /// The one with this number; Meta names it by its digits.
    Number(PhoneNumber),
    /// The one with this number; Meta names it by its id.
    NumberId(PhoneNumberId),
}

/// What Meta told a client of its account, with its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When, by Meta's clock, whole seconds.
    pub at: Timestamp,
    /// What.
    pub news: AccountNews,
}

/// One thing that Meta told.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountNews {
    /// The customer took our app's access to the account away.
    Withdrawn {
        /// From which app, when Meta names it.
        app_id: Option<String>,
    },
    /// How the account or the number stands.
    Said(Box<Said>),
    /// Something about a template.
    Template(Box<TemplateNews>),
}

impl AccountNews {
    /// What it is, in one word, for whoever looks into the journal.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Withdrawn { app_id: _ } => "withdrawal",
            Self::Said(_) => "account",
            Self::Template(_) => "template",
        }
    }
}

/// A word about how an account or a number stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Said {
    /// About what.
    pub topic: Topic,
    /// What the owner has to look at; `None` takes back what was said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<Concern>,
    /// Why, and what to do, in plain words; empty without a concern.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// When it is over by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What is known of the number by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

impl Said {
    /// Something to look at.
    pub fn concern(topic: Topic, concern: Concern, details: impl Into<String>) -> Self {
        Self { concern: Some(concern), details: details.into(), ..Self::nothing(topic) }
    }

    /// All is well, as far as this goes.
    pub const fn nothing(topic: Topic) -> Self {
        Self { topic, concern: None, details: String::new(), until: None, learned: None }
    }

    /// The same, and something is known of the number by it.
    #[must_use]
    pub fn learning(self, learned: Learned) -> Self {
        Self { learned: Some(learned), ..self }
    }
}

/// What is known of a number by a word about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", content = "value", rename_all = "snake_case")]
pub enum Learned {
    /// The name that candidates see.
    VerifiedName(String),
    /// Meta's word.
    MessagingLimit(String),
    /// Meta's word.
    Quality(String),
    /// That the quality is another one now; Meta has to be asked which.
    OtherQuality,
}

/// What Meta says of a number when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRead {
    /// As people write it.
    pub display_phone_number: Option<String>,
    /// The name that candidates see.
    pub verified_name: Option<String>,
    /// Meta's word.
    pub quality_rating: Option<String>,
    /// Meta's word.
    pub messaging_limit: Option<String>,
}

/// Something about a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNews {
    /// Which.
    pub template: TemplateName,
    /// What.
    pub word: TemplateWord,
}

/// How Meta names a template; at least its id, or name and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateName {
    /// Meta's id.
    pub meta_id: Option<String>,
    /// Name and language; Meta writes `en-US` for `en_US` here.
    pub name: Option<(String, String)>,
}

/// What Meta said of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateWord {
    /// Whether it can be sent.
    Status(TemplateStatus),
    /// How candidates take it; Meta's word.
    Quality(String),
    /// What it counts as; Meta's word.
    Category(String),
    /// It does not exist any more.
    Deleted,
    /// It is another one now, and only Meta knows which.
    Changed,
}

/// Whether a template can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateStatus {
    /// Meta's word, as its API says it.
    pub status: String,
    /// Meta's word.
    pub rejected_reason: Option<String>,
    /// Meta's word; `None` when it was not said with it.
    pub category: Option<String>,
    /// False when the status is what such news usually means: Meta is asked as well.
    pub certain: bool,
}
