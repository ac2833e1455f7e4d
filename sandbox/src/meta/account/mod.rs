//! Business accounts, their numbers, and the account that exists from the start.
//!
//! Invariant: an account has any count of numbers, none included; a number belongs to one account.

mod business_number;
mod seed;
mod waba;

pub use business_number::BusinessNumber;
pub use seed::{
    DEFAULT_BUSINESS_ID, DEFAULT_NAME, DEFAULT_NUMBER, DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN,
    DEFAULT_WABA_ID, SeedAccount,
};
pub use waba::Waba;

use std::sync::Arc;

use super::number::WaNumber;
use super::template::Template;

/// One number in the light of its account: what a send, a webhook or a phone needs to know of both.
#[derive(Clone, Debug)]
pub struct Account {
    /// The business portfolio; user ids are scoped to it.
    pub business_id: String,
    /// Id of the WhatsApp Business Account.
    pub waba_id: String,
    /// Id of the number.
    pub phone_number_id: String,
    /// The number itself.
    pub number: WaNumber,
    /// Name that people see.
    pub verified_name: String,
    /// Whether the number may send (133010 otherwise).
    pub registered: bool,
    /// Whether our app is subscribed to webhooks of the account.
    pub subscribed: bool,
    /// Whether Meta disabled the account.
    pub banned: bool,
    /// Templates of the account.
    pub templates: Arc<Vec<Template>>,
}

impl Account {
    /// A number and the account that it belongs to.
    #[must_use]
    pub fn of(waba: &Waba, number: &BusinessNumber) -> Self {
        let Waba { waba_id, business_id, name: _, subscribed, templates, banned } = waba;
        let BusinessNumber {
            phone_number_id,
            waba_id: _,
            number,
            verified_name,
            registered,
            pin: _,
            registrations: _,
            code_verified: _,
            on_biz_app: _,
        } = number;
        Self {
            business_id: business_id.clone(),
            waba_id: waba_id.clone(),
            phone_number_id: phone_number_id.clone(),
            number: number.clone(),
            verified_name: verified_name.clone(),
            registered: *registered,
            subscribed: *subscribed,
            banned: *banned,
            templates: Arc::clone(templates),
        }
    }
}
