//! What became of conversations and numbers when people turned out to be one, or two.
//!
//! Invariant: nothing is forgotten. A merge and a number that changed hands are recorded with what they
//! were made of, so that a person can see why and take it apart again.

use serde::{Deserialize, Serialize};

use super::{
    context::is_false,
    identity::{Identity, PhoneNumber},
    ids::ConversationId,
    message::Place,
    time::Timestamp,
};

/// A conversation that was merged into another. Its messages stay where they are; the other one shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absorbed {
    /// Which.
    pub id: ConversationId,
    /// When it was merged.
    pub at: Timestamp,
    /// Under which identifiers its candidate was found.
    pub identities: Vec<Identity>,
    /// What stands at or before this place stays hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_before: Option<Place>,
}

impl Absorbed {
    /// The most conversations that one takes in; what comes later stays apart.
    pub const MOST: usize = 32;
    /// The longest way from one that was merged to the one that goes on: each may have been merged again.
    pub const CHAIN: usize = Self::MOST + 1;
}

/// A number that is no longer this candidate's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Which.
    pub phone: PhoneNumber,
    /// Since when, by Meta's clock: what was said before is theirs.
    pub until: Timestamp,
}

impl Former {
    /// The most that one conversation remembers.
    pub const MOST: usize = 16;
}

/// When parts of a candidate's profile were seen, by Meta's clock: the newest word counts, whatever the
/// order in which words arrive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Timestamp>,
    /// The business-scoped id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Timestamp>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Timestamp>,
    /// The user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Timestamp>,
}

/// Whether the candidate takes marketing messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MarketingChoice {
    /// When they said so, by Meta's clock.
    pub at: Timestamp,
    /// They want none.
    pub stopped: bool,
}

/// What one conversation remembers of all this.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kinship {
    /// When the profile was seen.
    #[serde(default)]
    pub seen: Seen,
    /// The name is the recruiter's: what WhatsApp says does not replace it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub name_given: bool,
    /// Numbers that it had; at most [`Former::MOST`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<Former>,
    /// Conversations that it took in; at most [`Absorbed::MOST`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<Absorbed>,
    /// Whether marketing messages are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing: Option<MarketingChoice>,
}

impl Kinship {
    /// True when there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
