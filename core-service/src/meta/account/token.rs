//! What Meta says of a token.
//!
//! Invariant: a token of another app is told apart: the caller compares `app_id` with ours.

use serde_json::Value;

use super::super::{
    App, Meta,
    client::Call,
    error::{Fault, MetaError},
    peek,
    token::Token,
};
use crate::domain::{ids::WabaId, refusal::MetaReason, time::Timestamp};

/// What all scopes of WhatsApp begin with.
const WHATSAPP: &str = "whatsapp_business_";

/// What Meta says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The app that it was made for.
    pub app_id: Option<String>,
    /// True when it is that of our own app.
    pub is_ours: bool,
    /// Whoever gave it, by Meta's id.
    pub user_id: Option<String>,
    /// False when it opens nothing; `reason` says why.
    pub is_valid: bool,
    /// Why it is not valid.
    pub reason: Option<MetaReason>,
    /// When it ends; `None` means never.
    pub expires_at: Option<Timestamp>,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The accounts that every WhatsApp scope of it is limited to; `None` when Meta names none.
    pub waba_ids: Option<Vec<WabaId>>,
}

impl Meta {
    /// Asks what a token is. `None` when our app has no id or secret here, so that it cannot ask.
    ///
    /// # Errors
    /// [`MetaError`]; a token that is not valid is no error but a fact.
    pub async fn debug_token(&self, token: &Token) -> Result<Option<TokenFacts>, MetaError> {
        let Some(App { id, token: app, secret: _ }) = &self.app else { return Ok(None) };
        let query = [("input_token", token.expose())];
        let body = self.graph.ask(app, Call::get(&["debug_token"], &query)).await?;
        match body.get("data") {
            Some(data) => Ok(Some(facts(data, id))),
            None => Err(MetaError::Unavailable("an answer that says nothing of the token".into())),
        }
    }
}

fn facts(data: &Value, our_app: &str) -> TokenFacts {
    let app_id = peek::text(data, "app_id");
    let scopes = peek::list(data, "scopes").iter().filter_map(Value::as_str);
    TokenFacts {
        is_ours: app_id.as_deref() == Some(our_app),
        app_id,
        user_id: peek::text(data, "user_id"),
        is_valid: peek::flag(data, "is_valid").unwrap_or(false),
        reason: data.get("error").and_then(Fault::read).map(|fault| fault.reason),
        expires_at: peek::integer(data, "expires_at")
            .filter(|seconds| *seconds > 0)
            .map(Timestamp::from_seconds),
        scopes: scopes.map(str::to_owned).collect(),
        waba_ids: waba_ids(peek::list(data, "granular_scopes")),
    }
}

/// A scope without `target_ids` is not limited to any account, or Meta does not say.
fn waba_ids(scopes: &[Value]) -> Option<Vec<WabaId>> {
    let limits = scopes
        .iter()
        .filter(|scope| peek::text(scope, "scope").is_some_and(|name| name.starts_with(WHATSAPP)))
        .filter_map(|scope| scope.get("target_ids")?.as_array())
        .map(|ids| ids.iter().filter_map(waba_id).collect::<Vec<_>>());
    limits.reduce(|mut all, these| {
        all.retain(|id| these.contains(id));
        all
    })
}

/// A text or a number.
fn waba_id(id: &Value) -> Option<WabaId> {
    match id.as_str() {
        Some(text) => WabaId::parse(text).ok(),
        None => WabaId::parse(&id.as_u64()?.to_string()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn waba(id: &str) -> WabaId {
        WabaId::parse(id).unwrap()
    }

    #[test]
    fn a_good_token() {
        let data = json!({
            "app_id": "670000000000001", "type": "SYSTEM_USER", "is_valid": true,
            "issued_at": 1_760_000_000, "expires_at": 1_765_000_000,
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging", "public_profile"],
            "granular_scopes": [
                {"scope": "business_management", "target_ids": ["9"]},
                {"scope": "whatsapp_business_management", "target_ids": ["12", 11, 10]},
                {"scope": "whatsapp_business_messaging", "target_ids": ["11", "12"]},
            ],
        });
        assert_eq!(
            facts(&data, "670000000000001"),
            TokenFacts {
                app_id: Some("670000000000001".to_owned()),
                is_ours: true,
                user_id: None,
                is_valid: true,
                reason: None,
                expires_at: Some(Timestamp::from_seconds(1_765_000_000)),
                scopes: vec![
                    "whatsapp_business_management".to_owned(),
                    "whatsapp_business_messaging".to_owned(),
                    "public_profile".to_owned(),
                ],
                waba_ids: Some(vec![waba("12"), waba("11")]),
            }
        );
    }

    #[test]
    fn a_token_of_nobody() {
        let data = json!({"is_valid": false, "error": {"code": 190, "message": "expired", "subcode": 463}});
        let facts = facts(&data, "670000000000001");
        assert!(!facts.is_valid && !facts.is_ours);
        let reason = facts.reason.map(|reason| (reason.code, reason.subcode));
        assert_eq!(reason, Some((190, Some(463))));
    }

    #[test]
    fn zero_is_never_and_absent_targets_are_no_limit() {
        let data = json!({"is_valid": true, "app_id": 5, "expires_at": 0,
            "granular_scopes": [{"scope": "whatsapp_business_messaging"}, {}, 7]});
        let facts = facts(&data, "5");
        assert!(facts.is_ours);
        assert_eq!((facts.expires_at, facts.waba_ids), (None, None));
    }
}
