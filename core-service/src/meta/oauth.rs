//! Consent at Meta: where a person is sent, what a code is worth, and giving a token back.
//!
//! Invariant: a code is spent at most once by us. Only a request that surely never went out is made
//! again; after any other silence nobody knows whether the code is used up.

use std::time::Duration;

use reqwest::Url;

use super::{
    App, Meta,
    client::{Call, Lost},
    error::{Fault, MetaError, Said},
    peek,
    token::Token,
};
use crate::{
    domain::{refusal::MetaReason, time::Timestamp},
    secret::Secret,
};

/// What we ask for when no configuration of Meta's says it.
const SCOPES: &str = "whatsapp_business_management,whatsapp_business_messaging";
/// How often a request is made that never gets out; a code lives half a minute.
const TRIES: u32 = 3;
/// How long to wait before the second try; doubled each time.
const WAIT: Duration = Duration::from_millis(300);

/// Why a code gave no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoToken {
    /// Meta refused the code, our app or our address.
    Refused(MetaReason),
    /// Meta was not reached: the code is as it was.
    NotAsked(String),
    /// Nobody knows whether the code is used up.
    Unclear(String),
}

/// A token that a code gave.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub token: Token,
    /// How long it lasts, when Meta says so here.
    pub lasts: Option<Duration>,
}

impl Granted {
    /// When the token ends, by what was said with it.
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        self.lasts.map(|lasts| now + lasts)
    }
}

impl Meta {
    /// Where a person consents. `None` when our app has no id or secret here.
    pub fn consent_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        let App { id, token: _, secret: _ } = self.app.as_ref()?;
        let mut url = self.dialog.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", id);
            query.append_pair("redirect_uri", redirect_uri);
            query.append_pair("state", state);
            query.append_pair("response_type", "code");
            match &self.config_id {
                Some(config) => {
                    query.append_pair("config_id", config);
                    query.append_pair("override_default_response_type", "true");
                }
                None => {
                    query.append_pair("scope", SCOPES);
                }
            }
        }
        Some(url.into())
    }

    /// Gives a code for a token. `redirect_uri` is the one of the dialog; the popup has none.
    ///
    /// # Errors
    /// [`NoToken`] says whether the code may still be good.
    pub async fn exchange(
        &self,
        code: &Secret,
        redirect_uri: Option<&str>,
    ) -> Result<Granted, NoToken> {
        let Some(App { id, token: _, secret }) = &self.app else {
            return Err(NoToken::NotAsked("our app has no id or secret here".to_owned()));
        };
        let mut query = vec![
            ("client_id", id.as_str()),
            ("client_secret", secret.expose()),
            ("code", code.expose()),
        ];
        query.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
        let mut wait = WAIT;
        for attempt in 1..=TRIES {
            let call = Call::get(&["oauth", "access_token"], &query);
            match self.graph.call_openly(call).await {
                Ok(answer) => return read(&Said::read(&answer)),
                Err(Lost::NoAnswer(why)) => return Err(NoToken::Unclear(why)),
                Err(Lost::NotConnected(why)) if attempt == TRIES => {
                    return Err(NoToken::NotAsked(why));
                }
                Err(Lost::NotConnected(_)) => tokio::time::sleep(wait).await,
            }
            wait *= 2;
        }
        Err(NoToken::NotAsked("never asked".to_owned()))
    }

    /// Takes back what a token was given for: Meta accepts it no longer.
    ///
    /// # Errors
    /// [`MetaError`].
    pub async fn revoke(&self, token: &Token) -> Result<(), MetaError> {
        self.graph.order(token, Call::delete(&["me", "permissions"])).await
    }
}

fn read(said: &Said) -> Result<Granted, NoToken> {
    match said {
        Said::Yes(body) => {
            let token = peek::text(body, "access_token").map(Token::parse);
            let Some(Ok(token)) = token else {
                return Err(NoToken::Unclear("an answer without a token".to_owned()));
            };
            let seconds = peek::integer(body, "expires_in").and_then(|n| u64::try_from(n).ok());
            let lasts = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
            Ok(Granted { token, lasts })
        }
        Said::No(Fault { reason, class }) => match class.is_momentary() {
            true => Err(NoToken::Unclear(format!("{} (code {})", reason.details, reason.code))),
            false => Err(NoToken::Refused(reason.clone())),
        },
        Said::Nothing(what) => Err(NoToken::Unclear(what.clone())),
    }
}

/// The dialog's address, without its query.
pub(super) fn dialog(url: &str, version: &str) -> Option<Url> {
    let mut dialog = Url::parse(url).ok()?;
    dialog.path_segments_mut().ok()?.pop_if_empty().extend([version, "dialog", "oauth"]);
    Some(dialog)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token_of(body: serde_json::Value) -> Result<Option<Duration>, NoToken> {
        read(&Said::Yes(body)).map(|granted| granted.lasts)
    }

    #[test]
    fn how_long_a_token_lasts_may_be_left_out() {
        assert_eq!(token_of(json!({"access_token": "EAA"})), Ok(None));
        assert_eq!(token_of(json!({"access_token": "EAA", "expires_in": 0})), Ok(None));
        let lasting = json!({"access_token": "EAA", "token_type": "bearer", "expires_in": 60});
        assert_eq!(token_of(lasting), Ok(Some(Duration::from_secs(60))));
    }

    #[test]
    fn an_answer_that_says_nothing_leaves_the_code_in_doubt() {
        for odd in [json!({}), json!({"access_token": ""}), json!({"access_token": "a b"})] {
            assert!(matches!(token_of(odd), Err(NoToken::Unclear(_))));
        }
        let page = Said::Nothing("a page".to_owned());
        assert!(matches!(read(&page), Err(NoToken::Unclear(_))));
    }
}
