//! One message as it lies on a phone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::meta::account::Account;

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
    /// Category of the template, if it was one.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether it was addressed to a user id instead of a number.
    #[serde(default)]
    pub by_user_id: bool,
    /// Whether its text was changed afterwards.
    #[serde(default)]
    pub edited: bool,
    /// Whether it was taken back.
    #[serde(default)]
    pub revoked: bool,
}

impl PhoneMessage {
    /// A message on its way, of which nothing more is known.
    #[must_use]
    pub fn new(
        wamid: &str,
        direction: Direction,
        account: &Account,
        kind: &str,
        at_ms: i64,
    ) -> Self {
        Self {
            wamid: wamid.to_owned(),
            direction,
            phone_number_id: account.phone_number_id.clone(),
            business_name: account.verified_name.clone(),
            kind: kind.to_owned(),
            text: String::new(),
            content: Value::Null,
            at_ms,
            progress: Progress::Sent,
            reply_to: None,
            opaque: None,
            category: None,
            by_user_id: false,
            edited: false,
            revoked: false,
        }
    }
}
