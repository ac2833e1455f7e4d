//! A code becomes a token.
//!
//! Invariant: spending the code and keeping the token are one step under one lock. The answer comes
//! after it and may be lost: then the code is spent all the same.

use serde_json::json;

use super::super::answer::Answer;
use crate::meta::error::GraphError;
use crate::meta::oauth::{Consent, Token, Unspendable};
use crate::meta::script::TokenTwist;
use crate::meta::state::State;
use crate::meta::{World, ids};

pub(super) fn exchange(
    world: &World,
    code: &str,
    redirect_uri: Option<&str>,
    twist: TokenTwist,
) -> Result<Answer, GraphError> {
    let clock = world.clock();
    let bare = twist.bare;
    let (text, lifetime_secs) = {
        let mut state = world.state();
        let spent = state.codes.spend(code, redirect_uri, clock.now_ms());
        let consent = spent.map_err(refusal)?;
        keep(&mut state, consent, twist, clock.now_secs())?
    };
    world.mark_changed();
    let mut answer = json!({"access_token": text});
    if !bare {
        answer["token_type"] = json!("bearer");
        if lifetime_secs > 0 {
            answer["expires_in"] = json!(lifetime_secs);
        }
    }
    Ok(Answer(answer))
}

/// Mints the token; answers its text and lifetime.
fn keep(
    state: &mut State,
    consent: Consent,
    twist: TokenTwist,
    now_secs: i64,
) -> Result<(String, u32), GraphError> {
    let Consent { waba_ids, mut scopes, lifetime_secs } = consent;
    let TokenTwist { without, app_id, expires_in_seconds, bare: _, without_targets, revoked } =
        twist;
    let lifetime_secs = expires_in_seconds.unwrap_or(lifetime_secs);
    scopes.retain(|scope| !without.contains(scope));
    // The accounts were there when the person consented, and accounts never vanish.
    let user_id = waba_ids.iter().find_map(|id| state.waba(id)).map(|waba| waba.user_id());
    let token = Token {
        waba_ids,
        scopes,
        foreign_app: app_id,
        tells_targets: !without_targets,
        user_id: user_id.unwrap_or_default(),
        issued_at: now_secs,
        expires_at: Token::expiry(now_secs, lifetime_secs),
        revoked,
    };
    let text = ids::access_token();
    state
        .keep_token(text.clone(), token)
        .map_err(|full| GraphError::of(2).with_http(Some(503)).with_message(full.to_string()))?;
    Ok((text, lifetime_secs))
}

fn refusal(why: Unspendable) -> GraphError {
    let invalid = GraphError::of(100);
    match why {
        Unspendable::Unknown => invalid.with_message("Invalid verification code format."),
        Unspendable::Expired => {
            invalid.with_subcode(36_007).with_message("This authorization code has expired.")
        }
        Unspendable::OtherRedirect => invalid.with_subcode(36_008).with_message(
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        ),
        Unspendable::Spent => {
            invalid.with_subcode(36_009).with_message("This authorization code has been used.")
        }
    }
}
