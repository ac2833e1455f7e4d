//! All phones, by number.
//!
//! Invariant: their number is bounded; the one that rested longest is forgotten first.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Phone;
use crate::meta::ids;
use crate::meta::number::WaNumber;
use crate::meta::person::{Identity, Person};

/// Phones kept; the one that rested longest is forgotten beyond that.
const MAX_PHONES: usize = 50_000;

/// A mark that no earlier owner of a number had.
#[must_use]
pub fn fresh_salt() -> u32 {
    rand::random::<u32>().max(1)
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

    /// Who has this number.
    #[must_use]
    pub fn owner(&self, number: &WaNumber) -> Person {
        self.get(number).map_or_else(|| Person::at(number), Phone::owner)
    }

    /// The person with this user id in a portfolio.
    #[must_use]
    pub fn by_user_id(&self, business_id: &str, user_id: &str) -> Option<&WaNumber> {
        // Nobody is copied: this looks at every phone.
        let is = |phone: &&Arc<Phone>| {
            let Identity { username: _, hidden: _, disguised: _, parent, salt } = phone.identity;
            phone.number.user_id(business_id, salt) == user_id
                || (parent && phone.number.parent_user_id(salt) == user_id)
        };
        let phone = self.0.values().find(is)?;
        Some(&phone.number)
    }

    /// Moves the owner of a number, with all that lies on the phone, to another number; the old one is
    /// free for somebody else. Answers whether the new one was free.
    pub fn move_number(&mut self, from: &WaNumber, to: &WaNumber) -> bool {
        if self.get(to).is_some_and(|phone| !phone.messages.is_empty()) {
            return false;
        }
        let mut moved = self.of(from).clone();
        let version = moved.version;
        moved.number.clone_from(to);
        moved.identity.salt = fresh_salt();
        self.0.insert(to.clone(), Arc::new(moved));
        let mut free = Phone::new(from.clone());
        (free.identity.salt, free.version) = (fresh_salt(), version);
        self.0.insert(from.clone(), Arc::new(free));
        true
    }

    /// The phone on which a message lies. Ids that Meta made say so themselves.
    #[must_use]
    pub fn with_message(&self, wamid: &str) -> Option<&WaNumber> {
        let has = |phone: &Phone| phone.messages.iter().any(|message| message.wamid == wamid);
        let named = ids::number_in(wamid).filter(|number| self.get(number).is_some_and(has));
        match named {
            Some(number) => self.0.get_key_value(&number).map(|(key, _)| key),
            None => self.0.values().find(|phone| has(phone)).map(|phone| &phone.number),
        }
    }
}
