//! `/_accounts`: customers of the platform, their tokens and their templates.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::numbers;
use super::problem::{Body, Problem};
use crate::meta::account::{BusinessNumber, SeedAccount, Waba};
use crate::meta::number::WaNumber;
use crate::meta::oauth::Token;
use crate::meta::state::{OpenError, State as Memory};
use crate::meta::template::Template;
use crate::meta::{World, ids};

/// Numbers that an account may be opened with.
const MAX_NUMBERS: u8 = 100;

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
    /// How many numbers it has; the first is `phone`, and what is said holds for all of them.
    numbers: Option<u8>,
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
        .wabas
        .values()
        .map(|waba| {
            let mut tokens = state
                .tokens
                .iter()
                .filter(|(_, token)| token.opens(&waba.waba_id) && !token.revoked);
            describe(&state, waba, tokens.next().map(|(text, _)| text.as_str()))
        })
        .collect();
    Json(json!({"data": data}))
}

pub(super) async fn open(
    State(world): State<World>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    let count = wanted.numbers.unwrap_or(1);
    if count > MAX_NUMBERS || (count == 0 && wanted.phone.is_some()) {
        return Err(Problem::bad(format!(
            "numbers is at most {MAX_NUMBERS}, and there is no phone without a number"
        )));
    }
    let now = world.clock().now_secs();
    let answer = found(&mut world.state(), wanted, count, now)?;
    world.mark_changed();
    Ok(Json(answer))
}

/// Opens the account and gives it its numbers.
fn found(state: &mut Memory, wanted: Wanted, count: u8, now: i64) -> Result<Value, Problem> {
    let Wanted { name, phone, registered, pin, numbers: _ } = wanted;
    let seed = SeedAccount::invented(name, phone);
    let SeedAccount { waba_id, access_token, business_id, verified_name, .. } = seed.clone();
    if count == 0 {
        let waba = Waba::new(waba_id.clone(), business_id, verified_name.clone());
        let token = Token::full(&waba, now, 0);
        state.found(waba, access_token.clone(), token).map_err(refused)?;
    } else {
        state.open(seed, now).map_err(refused)?;
    }
    for _ in 1..count {
        // An invented number that somebody has is invented again, a few times.
        let mut tries = (0..100).map(|_| {
            let number = WaNumber::parse(&SeedAccount::invented_number());
            let number = number.ok_or(OpenError::BadNumber)?;
            let name = verified_name.clone();
            state.add_number(BusinessNumber::new(waba_id.clone(), number, name))
        });
        tries.find(Result::is_ok).unwrap_or(Err(OpenError::Taken)).map_err(refused)?;
    }
    for number in state.numbers.values_mut().filter(|number| number.waba_id == waba_id) {
        number.registered = registered.unwrap_or(true);
        number.pin.clone_from(&pin);
    }
    let waba = state.waba(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    Ok(describe(state, waba, Some(&access_token)))
}

/// Why something cannot be opened.
pub(super) fn refused(error: OpenError) -> Problem {
    match error {
        OpenError::BadNumber => Problem::bad(error.to_string()),
        OpenError::NoAccount => Problem::missing(error.to_string()),
        OpenError::Taken | OpenError::Full => Problem::conflict(error.to_string()),
    }
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
    let waba = state.waba(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let mut token = Token::full(waba, now, 0);
    // Here 0 is a token that is over already.
    token.expires_at = expires_in_seconds.map_or(0, |seconds| now + i64::from(seconds));
    let text = ids::access_token();
    let answer = describe(&state, waba, Some(&text));
    state.keep_token(text, token).map_err(|full| Problem::conflict(full.to_string()))?;
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
    Arc::make_mut(known).revoked = true;
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
    let waba = state.wabas.get_mut(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let templates = Arc::make_mut(&mut waba.templates);
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

/// The account; beside it its first number, for whoever expects one, and null where it has none.
fn describe(state: &Memory, waba: &Waba, token: Option<&str>) -> Value {
    let Waba { waba_id, business_id, name, subscribed, templates: _, banned } = waba;
    let all = state.numbers_of(waba_id).map(numbers::describe).collect::<Vec<Value>>();
    let first = all.first().cloned().unwrap_or_default();
    let opening = state.tokens.iter().filter(|(_, token)| token.opens(waba_id));
    let tokens: Vec<&String> = opening.map(|(text, _)| text).collect();
    let verified_name = if all.is_empty() { json!(name) } else { first["verifiedName"].clone() };
    json!({
        "wabaId": waba_id, "businessId": business_id, "userId": waba.user_id(), "name": name,
        "accessToken": token, "tokens": tokens, "subscribed": subscribed, "banned": banned, "verifiedName": verified_name,
        "phoneNumberId": first["phoneNumberId"], "phone": first["phone"],
        "displayPhoneNumber": first["displayPhoneNumber"], "registered": first["registered"],
        "numbers": all,
    })
}
