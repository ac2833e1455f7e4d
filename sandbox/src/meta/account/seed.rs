//! Accounts to start with, one number and one token each.

use super::{Account, BusinessNumber, Waba};
use crate::meta::ids;
use crate::meta::number::WaNumber;
use crate::meta::oauth::Token;

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
    /// The number in the light of its account, and the first token; nothing when the number is not
    /// one.
    #[must_use]
    pub fn open(self, now_secs: i64) -> Option<(Account, String, Token)> {
        let (waba, number, text, token) = self.found(now_secs)?;
        Some((Account::of(&waba, &number), text, token))
    }

    /// The account, its number and its first token; nothing when the number is not one.
    pub(in crate::meta) fn found(
        self,
        now_secs: i64,
    ) -> Option<(Waba, BusinessNumber, String, Token)> {
        let Self {
            access_token,
            business_id,
            waba_id,
            phone_number_id,
            number,
            verified_name,
            registered,
        } = self;
        let number = WaNumber::parse(&number)?;
        let waba = Waba::new(waba_id.clone(), business_id, verified_name.clone());
        let token = Token::full(&waba, now_secs, 0);
        let number = BusinessNumber {
            phone_number_id,
            registered,
            ..BusinessNumber::new(waba_id, number, verified_name)
        };
        Some((waba, number, access_token, token))
    }

    /// A number that nobody has, most likely.
    #[must_use]
    pub fn invented_number() -> String {
        format!("1555{:07}", rand::random::<u32>() % 10_000_000)
    }

    /// A fresh account with ids and a number of its own.
    #[must_use]
    pub fn invented(name: Option<String>, number: Option<String>) -> Self {
        let number = number.unwrap_or_else(Self::invented_number);
        Self {
            access_token: ids::access_token(),
            business_id: ids::object_id(),
            waba_id: ids::object_id(),
            phone_number_id: ids::object_id(),
            verified_name: name.unwrap_or_else(|| format!("Business {}", invented_name(&number))),
            number,
            registered: true,
        }
    }
}

fn invented_name(number: &str) -> &str {
    number.get(number.len().saturating_sub(7)..).unwrap_or(number)
}
