//! What must be true at Meta before a number is connected.
//!
//! Invariant: ids that a caller names are believed only after Meta confirmed them with the token.

use super::{Core, Error, Link};
use crate::{
    domain::{client::Connection, refusal::MetaReason, refusal::Refusal, time::Timestamp},
    meta::{NumberFacts, Token},
};

/// What a token must allow.
const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

/// A link that Meta confirmed.
pub(super) struct Checked {
    /// What to record; the token is not sealed into it yet.
    pub(super) connection: Connection,
    /// True when Meta says that the number cannot send before it is registered.
    pub(super) to_register: bool,
}

impl Core {
    /// Checks token, account and number.
    pub(super) async fn check_at_meta(&self, link: &Link, token: &Token) -> Result<Checked, Error> {
        let token_expires_at = self.check_token(link, token).await?;
        let numbers = self.meta.numbers_of(token, &link.waba_id).await?;
        if !numbers.contains(&link.phone_number_id) {
            return Err(rejected(
                "The phone number does not belong to this WhatsApp Business account.",
            ));
        }
        let facts = self.meta.phone_number(token, &link.phone_number_id).await?;
        let NumberFacts {
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            status: _,
            is_registered,
            is_on_biz_app,
        } = facts;
        let connection = Connection {
            phone_number_id: link.phone_number_id.clone(),
            waba_id: link.waba_id.clone(),
            display_phone_number,
            verified_name,
            quality_rating,
            messaging_limit,
            token: None,
            token_expires_at,
            pin: None,
        };
        // A number that its owner also uses in the WhatsApp Business app is registered there.
        Ok(Checked { connection, to_register: !is_registered && !is_on_biz_app })
    }

    /// Checks that the token is valid, made for our app, and allows what we do. Without an app of ours
    /// Meta answers no such question; then the calls that follow prove the token.
    async fn check_token(&self, link: &Link, token: &Token) -> Result<Option<Timestamp>, Error> {
        let Some(facts) = self.meta.debug_token(token).await? else { return Ok(None) };
        if !facts.is_valid {
            let reason =
                facts.reason.unwrap_or_else(|| reason("Meta says that the token is not valid."));
            return Err(Refusal::MetaRejected { reason, message: None }.into());
        }
        if !facts.is_ours {
            return Err(rejected("The token was made for another app."));
        }
        if let Some(missing) = SCOPES.iter().find(|s| !facts.scopes.iter().any(|have| have == **s))
        {
            return Err(rejected(&format!("The token lacks the permission {missing}.")));
        }
        if facts.waba_ids.is_some_and(|wabas| !wabas.contains(&link.waba_id)) {
            return Err(rejected("The token does not open this WhatsApp Business account."));
        }
        Ok(facts.expires_at)
    }
}

/// A refusal that Meta's answers amount to; code 0, as it is not one of Meta's.
fn rejected(details: &str) -> Error {
    Refusal::MetaRejected { reason: reason(details), message: None }.into()
}

fn reason(details: &str) -> MetaReason {
    MetaReason { code: 0, details: details.to_owned(), ..MetaReason::default() }
}
