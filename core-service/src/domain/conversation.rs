//! A conversation: the thread of one owner, one business number and one candidate.
//!
//! Invariant: it belongs to a set of identifiers, each unique within (owner, business number); the
//! window and `last_message_at` never move backwards; hiding it loses nothing.

use serde::{Deserialize, Serialize};

use super::{
    content::MessageType,
    identity::{Identity, PhoneNumber, UserId},
    ids::{ClientId, ConversationId, MessageId, PhoneNumberId},
    kinship::Kinship,
    message::{Direction, Message, Place},
    owner::Owner,
    status::Status,
    time::Timestamp,
    window,
};

/// The person on the other side, as far as Meta tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Candidate {
    /// The number that Meta uses for them.
    pub phone: Option<PhoneNumber>,
    /// Their id with this business.
    pub user_id: Option<UserId>,
    /// Their name: from WhatsApp, or as the recruiter gave it.
    pub name: Option<String>,
    /// Their WhatsApp user name; never a key, as it can be handed on.
    pub username: Option<String>,
}

/// What a list shows of the newest message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Which.
    pub id: MessageId,
    /// Who wrote it.
    pub direction: Direction,
    /// Its type.
    pub kind: MessageType,
    /// Its first words.
    pub preview: String,
    /// Its state.
    pub status: Status,
    /// Its place in time.
    pub at: Timestamp,
}

/// The thread with one candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub owner: Owner,
    /// The client that it began with.
    pub client_id: ClientId,
    /// The business number.
    pub phone_number_id: PhoneNumberId,
    /// The other side.
    pub candidate: Candidate,
    /// Every identifier under which the candidate is found. Sorted, without repeats.
    pub identities: Vec<Identity>,
    /// The newest message that is not hidden.
    pub last_message: Option<LastMessage>,
    /// The greatest `at` of all messages: what lists order by.
    pub last_message_at: Option<Timestamp>,
    /// Inbound messages not read yet.
    pub unread_count: u32,
    /// When the candidate last wrote, by Meta's clock.
    pub last_inbound_at: Option<Timestamp>,
    /// True once something that we sent was accepted, or may have been.
    pub contacted: bool,
    /// Deleted by its owner, until a new message.
    pub hidden: bool,
    /// What stands at or before this place stays hidden.
    pub hidden_before: Option<Place>,
    /// What became of its candidate's numbers and of other conversations with them.
    #[serde(default, skip_serializing_if = "Kinship::is_empty")]
    pub kin: Kinship,
    /// The conversation that goes on in its stead. It is hidden and has no identifiers then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ConversationId>,
    /// Only grows.
    pub revision: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Conversation {
    /// When the customer service window ends; `None` when the candidate never wrote.
    pub fn window_expires_at(&self) -> Option<Timestamp> {
        self.last_inbound_at.map(window::expires_at)
    }

    /// Whether the window is open at `now`.
    pub fn in_window(&self, now: Timestamp) -> bool {
        window::is_open(self.last_inbound_at, now)
    }

    /// The activity that lists order by: the newest message, else its beginning.
    pub fn activity(&self) -> Timestamp {
        self.last_message_at.unwrap_or(self.created_at)
    }

    /// Where its messages stand: its own thread and those of conversations that were merged into it, each
    /// with the place at or before which they stay hidden.
    pub fn threads(&self) -> impl Iterator<Item = (ConversationId, Option<Place>)> {
        let merged = self.kin.absorbed.iter().map(|other| (other.id, other.hidden_before));
        std::iter::once((self.id, self.hidden_before)).chain(merged)
    }

    /// The identifier under which the candidate is written to: the number when there is one, as it is what
    /// Meta has always taken.
    pub fn address(&self) -> Option<Identity> {
        let Candidate { phone, user_id, name: _, username: _ } = self.candidate.clone();
        phone.map(Identity::Phone).or(user_id.map(Identity::User))
    }

    /// Whether a message is one of its own that is not hidden.
    pub fn shows(&self, message: &Message) -> bool {
        let mut threads = self.threads();
        let thread = threads.find(|(id, _)| *id == message.conversation_id);
        thread.is_some_and(|(_, curtain)| curtain.is_none_or(|place| message.place() > place))
    }

    /// Hides everything in it, until a new message.
    pub fn hide(&mut self) {
        let last = self.last_message.as_ref().map(|last| Place { at: last.at, id: last.id });
        self.hidden = true;
        self.hidden_before = self.hidden_before.max(last);
        for other in &mut self.kin.absorbed {
            other.hidden_before = other.hidden_before.max(last);
        }
        self.last_message = None;
        self.unread_count = 0;
    }

    /// Adds an identifier. Returns true when it is new.
    pub fn identify(&mut self, identity: Identity) -> bool {
        match self.identities.binary_search(&identity) {
            Ok(_) => false,
            Err(place) => {
                self.identities.insert(place, identity);
                true
            }
        }
    }

    /// Takes a new message into the summary; opens the conversation again when it was hidden.
    pub fn take_in(&mut self, message: &Message) {
        self.hidden = false;
        let at = message.at;
        self.last_message_at = Some(self.last_message_at.map_or(at, |last| last.max(at)));
        let newest = self
            .last_message
            .as_ref()
            .is_none_or(|last| (last.at, last.id) <= (message.at, message.id));
        if newest {
            self.summarise(message);
        }
    }

    /// Shows a message as the newest.
    pub fn summarise(&mut self, message: &Message) {
        self.last_message = Some(LastMessage {
            id: message.id,
            direction: message.direction,
            kind: message.kind,
            preview: message.preview(),
            status: message.life.status(),
            at: message.at,
        });
    }

    /// Follows a change of the newest message's state. Returns true when the summary changed.
    pub fn follow_status(&mut self, message: &Message) -> bool {
        let status = message.life.status();
        match &mut self.last_message {
            Some(last) if last.id == message.id && last.status != status => {
                last.status = status;
                true
            }
            Some(_) | None => false,
        }
    }
}
