//! What must be true of a token before anything is done with it.
//!
//! Invariant: a token of another app, or one that does not allow what we do, goes no further; ids that a
//! caller names are believed only after Meta confirmed them with the token.

use super::{Core, Error, Wanted};
use crate::{
    domain::{
        ids::WabaId,
        refusal::{MetaReason, Refusal},
        time::Timestamp,
    },
    meta::{Token, TokenFacts},
};

/// What a token must allow.
const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

/// A token that Meta confirmed.
pub(super) struct Grant {
    /// The token.
    pub(super) token: Token,
    /// When it ends; `None` means never or not known.
    pub(super) expires_at: Option<Timestamp>,
    /// Whoever gave it, by Meta's id.
    pub(super) meta_user_id: Option<String>,
    /// The accounts that it opens; `None` when Meta names none.
    pub(super) waba_ids: Option<Vec<WabaId>>,
}

impl Core {
    /// Checks that a token is valid, made for our app, and allows what we do. Without an app of ours Meta
    /// answers no such question; then the calls that follow prove the token.
    pub(super) async fn check(&self, token: Token, wanted: &Wanted) -> Result<Grant, Error> {
        let Some(facts) = self.meta.debug_token(&token).await? else {
            return Ok(Grant { token, expires_at: None, meta_user_id: None, waba_ids: None });
        };
        let TokenFacts {
            app_id: _,
            is_ours,
            user_id,
            is_valid,
            reason,
            expires_at,
            scopes,
            waba_ids,
        } = facts;
        if !is_valid {
            let reason = reason.unwrap_or_else(|| ours("Meta says that the token is not valid."));
            return Err(Refusal::MetaRejected { reason, message: None }.into());
        }
        if !is_ours {
            return Err(rejected("The token was made for another app."));
        }
        if let Some(missing) =
            SCOPES.iter().find(|scope| !scopes.iter().any(|have| have == **scope))
        {
            return Err(rejected(&format!("The token lacks the permission {missing}.")));
        }
        let outside = |waba: &WabaId| waba_ids.as_ref().is_some_and(|open| !open.contains(waba));
        if wanted.waba_id.as_ref().is_some_and(outside) {
            return Err(rejected("The token does not open this WhatsApp Business account."));
        }
        if waba_ids.as_ref().is_some_and(Vec::is_empty) {
            return Err(rejected("The token opens no WhatsApp Business account."));
        }
        Ok(Grant { token, expires_at, meta_user_id: user_id, waba_ids })
    }
}

/// A refusal that Meta's answers amount to; code 0, as it is not one of Meta's.
pub(super) fn rejected(details: &str) -> Error {
    Refusal::MetaRejected { reason: ours(details), message: None }.into()
}

fn ours(details: &str) -> MetaReason {
    MetaReason { code: 0, details: details.to_owned(), ..MetaReason::default() }
}
