//! `/_accounts`: customers of the platform, their tokens and their templates.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{Body, Problem};
use crate::meta::account::{Account, SeedAccount, Token};
use crate::meta::state::OpenError;
use crate::meta::template::Template;
use crate::meta::{World, ids};

/// Tokens kept at most, revoked ones included.
const MAX_TOKENS: usize = 100_000;

/// What a new account may be told.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Wanted {
    name: Option<String>,
    phone: Option<String>,
    /// False: the number must be registered before it may send.
    registered: Option<bool>,
    /// A two-step PIN that is set already.
    pin: Option<String>,
}

/// What a new token may be told.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Issue {
    expires_in_seconds: Option<u32>,
}

pub(super) async fn list(State(world): State<World>) -> Json<Value> {
    let state = world.state();
    let data: Vec<Value> = state
        .accounts
        .values()
        .map(|account| {
            let mut tokens = state
                .tokens
                .iter()
                .filter(|(_, token)| token.waba_id == account.waba_id && !token.revoked);
            describe(account, tokens.next().map(|(text, _)| text.as_str()))
        })
        .collect();
    Json(json!({"data": data}))
}

pub(super) async fn open(
    State(world): State<World>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    let Wanted { name, phone, registered, pin } = wanted;
    let mut seed = SeedAccount::invented(name, phone);
    seed.registered = registered.unwrap_or(true);
    let token = seed.access_token.clone();
    let now = world.clock().now_secs();
    let answer = {
        let mut state = world.state();
        let account = state.open(seed, now).map_err(|error| match error {
            OpenError::BadNumber => Problem::bad(error.to_string()),
            OpenError::Taken | OpenError::Full => Problem::conflict(error.to_string()),
        })?;
        account.pin = pin;
        describe(account, Some(&token))
    };
    world.mark_changed();
    Ok(Json(answer))
}

/// Another token to the same account, for a customer who connects again.
pub(super) async fn issue(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    body: Option<Json<Issue>>,
) -> Result<Json<Value>, Problem> {
    let Issue { expires_in_seconds } = body.map(|Json(issue)| issue).unwrap_or_default();
    let now = world.clock().now_secs();
    let mut state = world.state();
    if state.tokens.len() >= MAX_TOKENS {
        return Err(Problem::conflict(format!("no more than {MAX_TOKENS} tokens")));
    }
    let account = state.waba(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let text = ids::access_token();
    let answer = describe(account, Some(&text));
    let expires_at = expires_in_seconds.map_or(0, |seconds| now + i64::from(seconds));
    state.tokens.insert(text, Token { waba_id, issued_at: now, expires_at, revoked: false });
    drop(state);
    world.mark_changed();
    Ok(Json(answer))
}

/// The customer withdraws a token: 190 from now on.
pub(super) async fn revoke(
    State(world): State<World>,
    Path(token): Path<String>,
) -> Result<StatusCode, Problem> {
    let mut state = world.state();
    let known = state.tokens.get_mut(&token).ok_or_else(|| Problem::missing("no such token"))?;
    known.revoked = true;
    drop(state);
    world.mark_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a template, or replaces the one of the same name and language.
pub(super) async fn put_template(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    Body(template): Body<Template>,
) -> Result<Json<Value>, Problem> {
    const MAX_TEMPLATES: usize = 6_000;
    let node = template.to_node();
    let mut state = world.state();
    let account = state.waba_mut(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let templates = Arc::make_mut(&mut account.templates);
    let same =
        |other: &Template| other.name == template.name && other.language == template.language;
    match templates.iter().position(same) {
        Some(place) => {
            let id = templates[place].id.clone();
            templates[place] = Template { id, ..template };
        }
        None if templates.len() >= MAX_TEMPLATES => {
            return Err(Problem::conflict(format!("no more than {MAX_TEMPLATES} templates")));
        }
        None => templates.push(template),
    }
    drop(state);
    world.mark_changed();
    Ok(Json(node))
}

fn describe(account: &Account, token: Option<&str>) -> Value {
    json!({
        "wabaId": account.waba_id,
        "phoneNumberId": account.phone_number_id,
        "accessToken": token,
        "displayPhoneNumber": account.display_number(),
        "phone": account.number.as_str(),
        "verifiedName": account.verified_name,
        "businessId": account.business_id,
        "registered": account.registered,
        "subscribed": account.subscribed,
    })
}
