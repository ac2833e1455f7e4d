//! Pages of lists, by keyset: the next page begins after the last row seen.
//!
//! Invariant: a page costs the same however deep it is.

use serde::{Deserialize, Serialize};

use super::{
    actor::Scope,
    conversation::Conversation,
    ids::{ClientId, ConversationId, PhoneNumberId, TemplateId},
    message::Place,
    template::Purpose,
    time::Timestamp,
};

/// The most rows of a page.
pub const MAX: u32 = 100;

/// Rows, and whether there are more.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// True when another row follows the last one.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of at most `limit` rows, out of rows of which one more was asked for.
    pub fn cut(mut rows: Vec<T>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self { rows, more }
    }
}

/// How many rows a page takes, and with one more, whether another follows.
pub fn bounds(limit: u32) -> (usize, u32) {
    let limit = limit.min(MAX);
    (limit as usize, limit + 1)
}

/// Live clients, oldest first.
#[derive(Debug, Clone)]
pub struct ClientQuery {
    /// Whose.
    pub scope: Scope,
    /// Begin after this one.
    pub after: Option<ClientId>,
    /// At most so many rows.
    pub limit: u32,
}

/// The place of a conversation in a walk by activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActivityPlace {
    /// Its newest activity.
    pub activity: Timestamp,
    /// Which.
    pub id: ConversationId,
}

/// Which conversations a live client shows: its own, and those of its number from an earlier client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Those that began with this client.
    pub client: ClientId,
    /// Those of this business number.
    pub number: Option<PhoneNumberId>,
}

impl Shown {
    /// True when it shows this conversation.
    pub fn shows(&self, row: &Conversation) -> bool {
        let Self { client, number } = self;
        row.client_id == *client || number.as_ref() == Some(&row.phone_number_id)
    }
}

/// Conversations that are not hidden, newest activity first.
#[derive(Debug, Clone)]
pub struct ConversationQuery {
    /// Whose.
    pub scope: Scope,
    /// Only those that a client shows (either of the two conditions); `None`: all.
    pub shown: Option<Shown>,
    /// Only those with unread messages.
    pub unread: bool,
    /// Only those whose every word here is the beginning of one of theirs; folded. Empty: all.
    pub words: Vec<String>,
    /// Begin after this one.
    pub after: Option<ActivityPlace>,
    /// At most so many rows.
    pub limit: u32,
}

/// Messages of a conversation, newest first.
#[derive(Debug, Clone)]
pub struct MessageQuery {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Only what is after this place: the rest is hidden.
    pub hidden_before: Option<Place>,
    /// Only what is before this place.
    pub before: Option<Place>,
    /// At most so many rows.
    pub limit: u32,
}

/// The place of a template in a walk by name and language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemplatePlace {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Which.
    pub id: TemplateId,
}

/// Templates by name and language.
#[derive(Debug, Clone)]
pub struct TemplateQuery {
    /// Whose.
    pub scope: Scope,
    /// Only with this status.
    pub status: Option<String>,
    /// Only for this purpose.
    pub purpose: Option<Purpose>,
    /// Begin after this one.
    pub after: Option<TemplatePlace>,
    /// At most so many rows.
    pub limit: u32,
}
