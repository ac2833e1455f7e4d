//! Who a candidate is: phone numbers and business-scoped user ids.
//!
//! Invariant: an identifier is classified by its shape and compared exactly as Meta sent it; nothing
//! is guessed from national numbering plans.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A text that is no identifier of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a phone number in international form (E.164)")]
pub struct InvalidPhoneNumber;

/// A phone number in E.164: 7 to 15 digits, kept without the `+`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(Arc<str>);

impl PhoneNumber {
    /// Reads what a person typed: `+` optional; spaces, dots, hyphens and parentheses are dropped.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] when what remains is not 7 to 15 ASCII digits starting with 1–9.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let text = text.trim();
        if text.len() > 40 {
            return Err(InvalidPhoneNumber);
        }
        let rest = text.strip_prefix('+').unwrap_or(text);
        let digits: String =
            rest.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        Self::from_digits(&digits)
    }

    /// Takes digits as Meta writes them.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] as for [`PhoneNumber::parse`].
    pub fn from_digits(digits: &str) -> Result<Self, InvalidPhoneNumber> {
        let shaped = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if shaped { Ok(Self(digits.into())) } else { Err(InvalidPhoneNumber) }
    }

    /// The digits, without `+`.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// A business-scoped user id: two capitals, a dot, then up to 132 characters. Never normalised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(Arc<str>);

impl UserId {
    /// Takes a text of that shape; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let country_fits = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let rest_fits = (1..=132).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        (country_fits && rest_fits).then(|| Self(text.into()))
    }

    /// The id as Meta wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One identifier of a candidate: a unique key together with owner and business number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Identity {
    /// A phone number.
    Phone(PhoneNumber),
    /// A business-scoped user id.
    User(UserId),
}

impl Identity {
    /// Classifies a text by its shape: digits are a phone number, `CC.…` is a user id.
    pub fn classify(text: &str) -> Option<Self> {
        UserId::parse(text)
            .map(Self::User)
            .or_else(|| PhoneNumber::from_digits(text).ok().map(Self::Phone))
    }

    /// The unique text that stores index, for instance `p:4915112345678` or `u:DE.123`.
    pub fn key(&self) -> String {
        match self {
            Self::Phone(number) => format!("p:{}", number.digits()),
            Self::User(user) => format!("u:{}", user.as_str()),
        }
    }
}
