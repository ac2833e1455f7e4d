//! Business accounts: one WhatsApp Business Account with one number each, and the tokens to them.
//!
//! Invariant: a token opens exactly one account; everything else does not exist for its bearer.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids;
use super::number::WaNumber;
use super::template::{self, Template};

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// The business portfolio; user ids are scoped to it.
    pub business_id: String,
    /// Id of the WhatsApp Business Account.
    pub waba_id: String,
    /// Id of its number.
    pub phone_number_id: String,
    /// The number itself.
    pub number: WaNumber,
    /// Name that people see.
    pub verified_name: String,
    /// Whether the number may send (133010 otherwise).
    pub registered: bool,
    /// Two-step PIN, once one was set.
    pub pin: Option<String>,
    /// Business times (ms) of the newest registrations, for their limit.
    pub registrations: VecDeque<i64>,
    /// Whether our app is subscribed to its webhooks.
    pub subscribed: bool,
    /// Its templates.
    pub templates: Arc<Vec<Template>>,
}

impl Account {
    /// The number as people write it: grouped, with a plus.
    #[must_use]
    pub fn display_number(&self) -> String {
        let digits = self.number.as_str();
        let split = digits.len().saturating_sub(10).max(1);
        let (country, rest) = digits.split_at(split);
        match rest.len() {
            10 => format!("+{country} {}-{}-{}", &rest[..3], &rest[3..6], &rest[6..]),
            _ => format!("+{country} {rest}"),
        }
    }
}

/// What a token is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The account that it opens.
    pub waba_id: String,
    /// Business seconds.
    pub issued_at: i64,
    /// Business seconds; 0 is never.
    pub expires_at: i64,
    /// Withdrawn by the customer.
    pub revoked: bool,
}

/// An account to start with. [`SeedAccount::default`] is the documented one.
#[derive(Clone, Debug)]
pub struct SeedAccount {
    /// Its token.
    pub access_token: String,
    /// Id of its business portfolio.
    pub business_id: String,
    /// Its WABA id.
    pub waba_id: String,
    /// Its phone number id.
    pub phone_number_id: String,
    /// Its number, as dialled.
    pub number: String,
    /// Its name.
    pub verified_name: String,
    /// Whether its number is registered already.
    pub registered: bool,
}

/// Token of the default account.
pub const DEFAULT_TOKEN: &str = "EAASandboxDefaultToken0000000000000000000000";
/// Business portfolio of the default account.
pub const DEFAULT_BUSINESS_ID: &str = "2729063490586005";
/// WABA id of the default account.
pub const DEFAULT_WABA_ID: &str = "102290129340398";
/// Phone number id of the default account.
pub const DEFAULT_PHONE_NUMBER_ID: &str = "106540352242922";
/// Number of the default account.
pub const DEFAULT_NUMBER: &str = "15550783881";
/// Verified name of the default account.
pub const DEFAULT_NAME: &str = "LinkoJob Recruiting";

impl Default for SeedAccount {
    fn default() -> Self {
        Self {
            access_token: DEFAULT_TOKEN.to_owned(),
            business_id: DEFAULT_BUSINESS_ID.to_owned(),
            waba_id: DEFAULT_WABA_ID.to_owned(),
            phone_number_id: DEFAULT_PHONE_NUMBER_ID.to_owned(),
            number: DEFAULT_NUMBER.to_owned(),
            verified_name: DEFAULT_NAME.to_owned(),
            registered: true,
        }
    }
}

impl SeedAccount {
    /// A fresh account with ids and a number of its own.
    #[must_use]
    pub fn invented(name: Option<String>, number: Option<String>) -> Self {
        let line = rand::random::<u32>() % 10_000_000;
        Self {
            access_token: ids::access_token(),
            business_id: ids::object_id(),
            waba_id: ids::object_id(),
            phone_number_id: ids::object_id(),
            number: number.unwrap_or_else(|| format!("1555{line:07}")),
            verified_name: name.unwrap_or_else(|| format!("Business {line:07}")),
            registered: true,
        }
    }

    /// The account and its first token; nothing when the number is not one.
    #[must_use]
    pub fn open(self, now_secs: i64) -> Option<(Account, String, Token)> {
        let Self {
            business_id,
            access_token,
            waba_id,
            phone_number_id,
            number,
            verified_name,
            registered,
        } = self;
        let account = Account {
            business_id,
            waba_id: waba_id.clone(),
            phone_number_id,
            number: WaNumber::parse(&number)?,
            verified_name,
            registered,
            pin: None,
            registrations: VecDeque::new(),
            subscribed: false,
            templates: Arc::new(template::seeds()),
        };
        let token = Token { waba_id, issued_at: now_secs, expires_at: 0, revoked: false };
        Some((account, access_token, token))
    }
}
