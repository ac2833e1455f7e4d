//! The phones of the people we write to: what each of them sees.
//!
//! Invariant: both the number of phones and the length of a thread are bounded; the oldest go first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::number::WaNumber;

/// Phones kept; the one that rested longest is forgotten beyond that.
const MAX_PHONES: usize = 50_000;
/// Messages kept on one phone.
const MAX_MESSAGES: usize = 500;

/// Which way a message went, seen from the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The business wrote it.
    In,
    /// The person wrote it.
    Out,
}

/// How far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// On its way.
    Sent,
    /// At the other end.
    Delivered,
    /// Read at the other end.
    Read,
}

/// One message on a phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneMessage {
    /// Meta's id.
    pub wamid: String,
    /// Which way it went.
    pub direction: Direction,
    /// The business at the other end.
    pub phone_number_id: String,
    /// Its name.
    pub business_name: String,
    /// Meta's word for the kind.
    pub kind: String,
    /// What a person reads.
    pub text: String,
    /// The object of that kind as it was sent.
    pub content: Value,
    /// Business time in milliseconds.
    pub at_ms: i64,
    /// How far it got.
    pub progress: Progress,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// What the business wants to hear in every status of it.
    pub opaque: Option<String>,
}

/// One phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Phone {
    /// Its number.
    pub number: WaNumber,
    /// Profile name of its owner.
    pub name: String,
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
}

impl Phone {
    fn new(number: WaNumber) -> Self {
        Self {
            name: number.sample_name(),
            number,
            version: 0,
            messages: VecDeque::new(),
            windows: BTreeMap::new(),
            last_business: None,
            typing: BTreeMap::new(),
        }
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

/// All phones. Each is shared, so that a snapshot takes them all without copying their threads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phones(BTreeMap<WaNumber, Arc<Phone>>);

impl Phones {
    /// A phone that was written to or wrote before.
    #[must_use]
    pub fn get(&self, number: &WaNumber) -> Option<&Phone> {
        self.0.get(number).map(AsRef::as_ref)
    }

    /// The phone of this number, made when it was not there.
    pub fn of(&mut self, number: &WaNumber) -> &mut Phone {
        if !self.0.contains_key(number) && self.0.len() >= MAX_PHONES {
            let idle = self.0.values().min_by_key(|phone| phone.version);
            if let Some(idle) = idle.map(|phone| phone.number.clone()) {
                self.0.remove(&idle);
            }
        }
        let phone = self.0.entry(number.clone());
        Arc::make_mut(phone.or_insert_with(|| Arc::new(Phone::new(number.clone()))))
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Phone> {
        self.0.values().map(AsRef::as_ref)
    }

    /// The person with this user id in a portfolio.
    #[must_use]
    pub fn by_user_id(&self, business_id: &str, user_id: &str) -> Option<&WaNumber> {
        self.0.keys().find(|number| number.user_id(business_id) == user_id)
    }

    /// The phone on which a message lies. Ids that Meta made say so themselves.
    #[must_use]
    pub fn with_message(&self, wamid: &str) -> Option<&WaNumber> {
        let has = |phone: &Phone| phone.messages.iter().any(|message| message.wamid == wamid);
        let named = super::ids::number_in(wamid).filter(|number| self.get(number).is_some_and(has));
        match named {
            Some(number) => self.0.get_key_value(&number).map(|(key, _)| key),
            None => self.0.values().find(|phone| has(phone)).map(|phone| &phone.number),
        }
    }
}
