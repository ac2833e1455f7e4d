//! Everything the simulated platform remembers, behind one lock.
//!
//! Invariant: nobody waits while holding the lock; each request takes it, decides, and lets go.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::{Account, BusinessNumber, SeedAccount, Waba};
use super::ledger::Ledger;
use super::limits::Limits;
use super::media::Shelf;
use super::number::WaNumber;
use super::oauth::{App, Codes, Token};
use super::phone::{Phone, Phones};

/// Accounts kept at most.
const MAX_ACCOUNTS: usize = 10_000;
/// Their numbers kept at most.
const MAX_NUMBERS: usize = 20_000;
/// Tokens kept at most, revoked ones included.
const MAX_TOKENS: usize = 100_000;

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
    #[error("no more than {MAX_ACCOUNTS} accounts and {MAX_NUMBERS} numbers")]
    Full,
    /// The account that shall have another number is not there.
    #[error("no such account")]
    NoAccount,
}

/// There are too many tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more than {MAX_TOKENS} tokens")]
pub struct TooManyTokens;

/// The platform's memory.
#[derive(Debug, Default)]
pub struct State {
    /// How our app is set up.
    pub app: App,
    /// Accounts by their id.
    pub wabas: BTreeMap<String, Waba>,
    /// Their numbers by phone number id.
    pub numbers: BTreeMap<String, BusinessNumber>,
    /// Codes that wait for their exchange.
    pub codes: Codes,
    /// Tokens by their text.
    pub tokens: BTreeMap<String, Arc<Token>>,
    /// People's phones.
    pub phones: Phones,
    /// Files.
    pub media: Shelf,
    /// What was accepted.
    pub ledger: Ledger,
    /// Rate buckets; not worth saving.
    pub limits: Limits,
    /// Grows with every change.
    pub version: u64,
}

impl State {
    /// Opens an account with its number and its token.
    ///
    /// # Errors
    /// When something of it is invalid or taken.
    pub fn open(&mut self, seed: SeedAccount, now_secs: i64) -> Result<(), OpenError> {
        let (waba, number, text, token) = seed.found(now_secs).ok_or(OpenError::BadNumber)?;
        self.check_number(&number)?;
        self.found(waba, text, token)?;
        self.numbers.insert(number.phone_number_id.clone(), number);
        Ok(())
    }

    /// Opens an account that has no number yet.
    ///
    /// # Errors
    /// When its id or the token is taken, or there are too many.
    pub fn found(&mut self, waba: Waba, text: String, token: Token) -> Result<(), OpenError> {
        if self.wabas.len() >= MAX_ACCOUNTS {
            return Err(OpenError::Full);
        }
        if self.tokens.contains_key(&text) || self.wabas.contains_key(&waba.waba_id) {
            return Err(OpenError::Taken);
        }
        self.tokens.insert(text, Arc::new(token));
        self.wabas.insert(waba.waba_id.clone(), waba);
        Ok(())
    }

    /// Gives an account another number.
    ///
    /// # Errors
    /// When the account is not there, the number is taken, or there are too many.
    pub fn add_number(&mut self, number: BusinessNumber) -> Result<(), OpenError> {
        if !self.wabas.contains_key(&number.waba_id) {
            return Err(OpenError::NoAccount);
        }
        self.check_number(&number)?;
        self.numbers.insert(number.phone_number_id.clone(), number);
        Ok(())
    }

    fn check_number(&self, number: &BusinessNumber) -> Result<(), OpenError> {
        if self.numbers.len() >= MAX_NUMBERS {
            return Err(OpenError::Full);
        }
        let same = |other: &BusinessNumber| {
            other.number == number.number || other.phone_number_id == number.phone_number_id
        };
        if self.numbers.values().any(same) { Err(OpenError::Taken) } else { Ok(()) }
    }

    /// Keeps a token.
    ///
    /// # Errors
    /// When there are too many.
    pub fn keep_token(&mut self, text: String, token: Token) -> Result<(), TooManyTokens> {
        if self.tokens.len() >= MAX_TOKENS {
            return Err(TooManyTokens);
        }
        self.tokens.insert(text, Arc::new(token));
        Ok(())
    }

    /// Changes every token that is meant; answers how many that were.
    pub fn on_tokens(
        &mut self,
        meant: impl Fn(&Token) -> bool,
        change: impl Fn(&mut Token),
    ) -> usize {
        let found = self.tokens.values_mut().filter(|token| meant(token));
        found.map(|token| change(Arc::make_mut(token))).count()
    }

    /// The number with this id, in the light of its account.
    #[must_use]
    pub fn account(&self, phone_number_id: &str) -> Option<Account> {
        let number = self.numbers.get(phone_number_id)?;
        Some(Account::of(self.wabas.get(&number.waba_id)?, number))
    }

    /// The account with this id.
    #[must_use]
    pub fn waba(&self, waba_id: &str) -> Option<&Waba> {
        self.wabas.get(waba_id)
    }

    /// The numbers of an account, in the order of their ids.
    pub fn numbers_of(&self, waba_id: &str) -> impl Iterator<Item = &BusinessNumber> {
        self.numbers.values().filter(move |number| number.waba_id == waba_id)
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
