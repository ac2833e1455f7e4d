//! Everything the simulated platform remembers, behind one lock.
//!
//! Invariant: nobody waits while holding the lock; each request takes it, decides, and lets go.

use std::collections::BTreeMap;

use super::account::{Account, SeedAccount, Token};
use super::ledger::Ledger;
use super::limits::Limits;
use super::number::WaNumber;
use super::phone::{Phone, Phones};

/// Accounts kept at most.
const MAX_ACCOUNTS: usize = 10_000;

/// Why an account was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The number given is not a telephone number.
    #[error("the number is not a telephone number")]
    BadNumber,
    /// An id, the number or the token belongs to another account.
    #[error("the number, an id or the token is taken")]
    Taken,
    /// There are too many accounts.
    #[error("no more than 10000 accounts")]
    Full,
}

/// The platform's memory.
#[derive(Debug, Default)]
pub struct State {
    /// Accounts by phone number id.
    pub accounts: BTreeMap<String, Account>,
    /// Tokens by their text.
    pub tokens: BTreeMap<String, Token>,
    /// People's phones.
    pub phones: Phones,
    /// What was accepted.
    pub ledger: Ledger,
    /// Rate buckets; not worth saving.
    pub limits: Limits,
    /// Grows with every change.
    pub version: u64,
}

impl State {
    /// Opens an account.
    ///
    /// # Errors
    /// When something of it is invalid or taken.
    pub fn open(&mut self, seed: SeedAccount, now_secs: i64) -> Result<&mut Account, OpenError> {
        let (account, text, token) = seed.open(now_secs).ok_or(OpenError::BadNumber)?;
        if self.accounts.len() >= MAX_ACCOUNTS {
            return Err(OpenError::Full);
        }
        let clash = self.tokens.contains_key(&text)
            || self.accounts.values().any(|other| {
                other.number == account.number
                    || other.waba_id == account.waba_id
                    || other.phone_number_id == account.phone_number_id
            });
        if clash {
            return Err(OpenError::Taken);
        }
        self.tokens.insert(text, token);
        Ok(self.accounts.entry(account.phone_number_id.clone()).or_insert(account))
    }

    /// The account with this WABA id.
    #[must_use]
    pub fn waba(&self, waba_id: &str) -> Option<&Account> {
        self.accounts.values().find(|account| account.waba_id == waba_id)
    }

    /// The account with this WABA id, to change it.
    pub fn waba_mut(&mut self, waba_id: &str) -> Option<&mut Account> {
        self.accounts.values_mut().find(|account| account.waba_id == waba_id)
    }

    /// Changes a phone (made when missing) and marks it changed.
    pub fn on_phone<T>(&mut self, number: &WaNumber, change: impl FnOnce(&mut Phone) -> T) -> T {
        self.version += 1;
        let version = self.version;
        let phone = self.phones.of(number);
        phone.version = version;
        change(phone)
    }
}
