//! A number of a business: its name, its registration, its PIN.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::meta::ids;
use crate::meta::number::WaNumber;

/// One number of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BusinessNumber {
    /// Its id.
    pub phone_number_id: String,
    /// The account that it belongs to.
    pub waba_id: String,
    /// The number itself.
    pub number: WaNumber,
    /// Name that people see.
    pub verified_name: String,
    /// Whether it may send (133010 otherwise).
    pub registered: bool,
    /// Two-step PIN, once one was set.
    pub pin: Option<String>,
    /// Business times (ms) of the newest registrations, for their limit.
    pub registrations: VecDeque<i64>,
    /// Whether its owner proved that it is theirs; registration fails (133006) otherwise.
    pub code_verified: bool,
    /// Coexistence: it still lives in the business app, and a registration takes it out of there.
    pub on_biz_app: bool,
}

impl BusinessNumber {
    /// A registered and verified number without a PIN, under an id of its own.
    #[must_use]
    pub fn new(waba_id: String, number: WaNumber, verified_name: String) -> Self {
        Self {
            phone_number_id: ids::object_id(),
            waba_id,
            number,
            verified_name,
            registered: true,
            pin: None,
            registrations: VecDeque::new(),
            code_verified: true,
            on_biz_app: false,
        }
    }

    /// The number as people write it: grouped, with a plus.
    #[must_use]
    pub fn display(&self) -> String {
        let digits = self.number.as_str();
        let split = digits.len().saturating_sub(10).max(1);
        let (country, rest) = digits.split_at(split);
        match rest.len() {
            10 => format!("+{country} {}-{}-{}", &rest[..3], &rest[3..6], &rest[6..]),
            _ => format!("+{country} {rest}"),
        }
    }
}
