//! The phones of the people we write to: what each of them sees.
//!
//! Invariant: both the number of phones and the length of a thread are bounded; the oldest go first.

mod all;
mod message;

pub use all::{Phones, fresh_salt};
pub use message::{Direction, PhoneMessage, Progress};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::number::WaNumber;
use super::person::{Identity, Person};

/// Messages kept on one phone.
const MAX_MESSAGES: usize = 500;

/// One phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Phone {
    /// Its number.
    pub number: WaNumber,
    /// Profile name of its owner.
    pub name: String,
    /// How its owner is known otherwise.
    #[serde(default)]
    pub identity: Identity,
    /// Grows with every change, so that a watcher can ask for what is newer.
    pub version: u64,
    /// Oldest first.
    pub messages: VecDeque<PhoneMessage>,
    /// Per business number, Meta's second of the newest message that opens a window.
    pub windows: BTreeMap<String, i64>,
    /// The business that wrote last.
    pub last_business: Option<String>,
    /// Per business number, until when (ms) it is shown as typing.
    pub typing: BTreeMap<String, i64>,
    /// Business numbers that may not send marketing any more.
    #[serde(default)]
    pub stopped: BTreeSet<String>,
}

impl Phone {
    pub(super) fn new(number: WaNumber) -> Self {
        Self {
            name: number.sample_name(),
            number,
            version: 0,
            messages: VecDeque::new(),
            windows: BTreeMap::new(),
            last_business: None,
            typing: BTreeMap::new(),
            identity: Identity::default(),
            stopped: BTreeSet::new(),
        }
    }

    /// Its owner, as of now.
    #[must_use]
    pub fn owner(&self) -> Person {
        Person {
            number: self.number.clone(),
            name: self.name.clone(),
            identity: self.identity.clone(),
        }
    }

    /// Changes what a message says.
    pub fn edit(&mut self, wamid: &str, text: String, content: Value) {
        if let Some(message) = self.find(wamid) {
            (message.text, message.content, message.edited) = (text, content, true);
        }
    }

    /// Takes a message back.
    pub fn revoke(&mut self, wamid: &str) {
        if let Some(message) = self.find(wamid) {
            message.text = String::from("[deleted]");
            (message.content, message.revoked) = (Value::Null, true);
        }
    }

    fn find(&mut self, wamid: &str) -> Option<&mut PhoneMessage> {
        self.messages.iter_mut().find(|message| message.wamid == wamid)
    }

    /// The businesses that it ever had to do with, by number id.
    #[must_use]
    pub fn businesses(&self) -> BTreeSet<String> {
        self.messages.iter().map(|message| message.phone_number_id.clone()).collect()
    }

    /// Puts a message at the end of the thread.
    pub fn push(&mut self, message: PhoneMessage) {
        if self.messages.len() >= MAX_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// Messages from businesses that were not read yet.
    pub fn unread(&self) -> usize {
        let unread =
            |m: &&PhoneMessage| m.direction == Direction::In && m.progress != Progress::Read;
        self.messages.iter().filter(unread).count()
    }

    /// Restarts the window; an older message never shortens it.
    pub fn open_window(&mut self, phone_number_id: &str, second: i64) {
        let newest = self.windows.entry(phone_number_id.to_owned()).or_insert(second);
        *newest = second.max(*newest);
    }
}
