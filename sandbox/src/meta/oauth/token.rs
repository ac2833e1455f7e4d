//! Tokens: what they open, what they may do, and how long.
//!
//! Invariant: what a token does not open does not exist for its bearer.

use serde::{Deserialize, Deserializer, Serialize};

use crate::meta::account::Waba;

/// The scope for accounts, numbers and templates.
pub const MANAGEMENT: &str = "whatsapp_business_management";
/// The scope for sends.
pub const MESSAGING: &str = "whatsapp_business_messaging";
/// Every scope that a dialog may ask for.
pub const SCOPES: [&str; 5] =
    [MANAGEMENT, MESSAGING, "business_management", "public_profile", "email"];

/// What a token is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The accounts that it opens, the one connected last first.
    #[serde(alias = "waba_id", deserialize_with = "one_or_more")]
    pub waba_ids: Vec<String>,
    /// What it may do there.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// The app that it was made for, when that is not ours.
    #[serde(default)]
    pub foreign_app: Option<String>,
    /// Whether `debug_token` says which accounts it opens.
    #[serde(default = "yes")]
    pub tells_targets: bool,
    /// The user that it belongs to.
    #[serde(default = "user_of_old")]
    pub user_id: String,
    /// Business seconds.
    pub issued_at: i64,
    /// Business seconds; 0 is never.
    pub expires_at: i64,
    /// Withdrawn by the customer.
    pub revoked: bool,
}

impl Token {
    /// A token of our app with the usual scopes; `lifetime_secs` 0 is for ever.
    #[must_use]
    pub fn full(waba: &Waba, now_secs: i64, lifetime_secs: u32) -> Self {
        Self {
            waba_ids: vec![waba.waba_id.clone()],
            scopes: usual_scopes(),
            foreign_app: None,
            tells_targets: true,
            user_id: waba.user_id(),
            issued_at: now_secs,
            expires_at: Self::expiry(now_secs, lifetime_secs),
            revoked: false,
        }
    }

    /// When a token ends that is issued now.
    #[must_use]
    pub fn expiry(now_secs: i64, lifetime_secs: u32) -> i64 {
        if lifetime_secs == 0 { 0 } else { now_secs + i64::from(lifetime_secs) }
    }

    /// Whether it opens this account.
    #[must_use]
    pub fn opens(&self, waba_id: &str) -> bool {
        self.waba_ids.iter().any(|id| id == waba_id)
    }

    /// Whether this was consented to.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// What Embedded Signup asks for, and what everybody grants with it.
pub(super) fn usual_scopes() -> Vec<String> {
    [MANAGEMENT, MESSAGING, "public_profile"].map(str::to_owned).to_vec()
}

fn yes() -> bool {
    true
}

fn user_of_old() -> String {
    String::from("122102290129340")
}

/// Tokens once opened one account each, and were saved so.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(String),
        More(Vec<String>),
    }
    Ok(match Form::deserialize(deserializer)? {
        Form::One(waba_id) => vec![waba_id],
        Form::More(waba_ids) => waba_ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_the_old_form_opens_its_one_account() {
        let old = r#"{"waba_id":"7","issued_at":1,"expires_at":0,"revoked":false}"#;
        let token: Token = serde_json::from_str(old).expect("a token");
        assert!(token.opens("7") && token.may(MANAGEMENT) && token.may(MESSAGING));
        assert!(token.tells_targets && token.foreign_app.is_none());
        let again = serde_json::to_string(&token).expect("JSON");
        let again: Token = serde_json::from_str(&again).expect("a token");
        assert_eq!(again.waba_ids, ["7"]);
    }
}
