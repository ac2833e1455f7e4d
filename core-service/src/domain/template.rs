//! A message template in one language, as Meta last described it.
//!
//! Invariant: a purpose belongs to a template's name; all languages of the name share it, and no two
//! names of a client have the same one.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ClientId, TemplateId},
    owner::Owner,
    time::Timestamp,
};

/// What the pick uses a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// First contact.
    Initiate,
    /// Opening an expired window again.
    Reengage,
}

impl Purpose {
    /// The template name that gets the purpose by default.
    pub const fn default_name(self) -> &'static str {
        match self {
            Self::Initiate => "initiate",
            Self::Reengage => "reengage",
        }
    }
}

/// What Meta says of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateDefinition {
    /// Meta's id.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// For instance `en_US`.
    pub language: String,
    /// Meta's word.
    pub category: String,
    /// Meta's word; `APPROVED` can be sent.
    pub status: String,
    /// True when variables are named, false when they are numbered.
    pub named: bool,
    /// The body's text with its placeholders; empty when it has none.
    pub body: String,
    /// The names of the body's variables in order.
    pub parameters: Vec<String>,
    /// Meta's components, JSON.
    pub components: String,
    /// Meta's word.
    pub quality: Option<String>,
    /// Meta's word.
    pub rejected_reason: Option<String>,
}

/// When Meta last spoke of a template by itself, by its own clock. What is read from Meta later holds
/// instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Of its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Timestamp>,
    /// Of its quality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Timestamp>,
    /// Of its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Timestamp>,
}

impl Heard {
    /// True when it did not.
    pub const fn is_nothing(&self) -> bool {
        let Self { status, quality, category } = self;
        status.is_none() && quality.is_none() && category.is_none()
    }
}

/// A template of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Ours.
    pub id: TemplateId,
    /// Whose it is.
    pub owner: Owner,
    /// The client that it came with.
    pub client_id: ClientId,
    /// What Meta says.
    pub definition: TemplateDefinition,
    /// What the pick uses it for.
    pub purpose: Option<Purpose>,
    /// When Meta last spoke of it by itself.
    #[serde(default, skip_serializing_if = "Heard::is_nothing")]
    pub heard: Heard,
    /// Only grows.
    pub revision: u64,
    /// First seen.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl TemplateDefinition {
    /// True when candidates may refuse such messages.
    pub fn is_marketing(&self) -> bool {
        self.category == "MARKETING"
    }
}

impl Template {
    /// True when Meta lets it be sent.
    pub fn is_approved(&self) -> bool {
        self.definition.status == "APPROVED"
    }
}
