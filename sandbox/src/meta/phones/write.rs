//! `POST /phone/{number}/messages`: the person writes to a business.
//!
//! The body is `{"text": "hi"}` or Meta's own message object (`{"type": "image", "image": {…}}`),
//! with `phoneNumberId`, `name`, `timestamp` (seconds), `id`, `context`, `referral` and whatever else
//! Meta puts beside it, with `file` for what is sent along, with `hidePhone: true` for one message
//! that does not tell the number, and with `valueErrors` for what stands beside the messages.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::draft::{Amendment, Draft};
use super::number;
use crate::meta::account::Account;
use crate::meta::control::{Body, Params, Problem};
use crate::meta::hooks;
use crate::meta::number::WaNumber;
use crate::meta::person::Person;
use crate::meta::phone::{Direction, Phone, PhoneMessage, Progress};
use crate::meta::state::State as Memory;
use crate::meta::{World, account, ids, window};

/// How long `?wait=true` waits for the acknowledgement.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether to wait until the webhook was acknowledged.
#[derive(Debug, Deserialize)]
pub(super) struct Wait {
    #[serde(default)]
    wait: bool,
}

pub(super) async fn write(
    State(world): State<World>,
    Path(text): Path<String>,
    Params(Wait { wait }): Params<Wait>,
    Body(body): Body<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let draft = Draft::parse(body)?;
    let now = world.clock().now_ms();
    let (account, person, message) = {
        let mut state = world.state();
        let account = addressee(&state, &number, draft.phone_number_id.as_deref())?;
        let (mut message, medium) =
            draft.message(ids::inbound_wamid(&number), &account, &number, now);
        if let Some(medium) = medium {
            state.media.put(medium);
        }
        let person = record(&mut state, &account, &number, &draft, &message, now);
        if let Some(phone) = state.phones.get(&number) {
            complete_context(&mut message, phone, &account, &person);
        }
        (account, person, message)
    };
    let wamid = message["id"].clone();
    let mut body = hooks::inbound(&account, &person, message);
    if let Some(errors) = draft.value_errors() {
        body["entry"][0]["changes"][0]["value"]["errors"] = errors;
    }
    let told = hooks::tell(&world, &account, Some(&number), &body);
    world.mark_changed();
    let queued = told.is_some();
    let told = told.filter(|_| wait);
    let Some(told) = told else {
        return Ok(Json(json!({"wamid": wamid, "queued": queued})));
    };
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok(true)) => Ok(Json(json!({"wamid": wamid, "queued": true, "acknowledged": true}))),
        _ => Err(Problem::gateway("the webhook was not acknowledged")),
    }
}

/// A reply says who wrote what it answers; of a message that nobody saw, that is the business.
fn complete_context(message: &mut Value, phone: &Phone, account: &Account, person: &Person) {
    let Some(id) = message["context"]["id"].as_str() else { return };
    if message["context"].get("from").is_some() {
        return;
    }
    let own = phone.messages.iter().any(|m| m.wamid == id && m.direction == Direction::Out);
    let from = match own {
        true => person.wa_id(&account.business_id),
        false => Some(account.number.to_string()),
    };
    if let Some(from) = from {
        message["context"]["from"] = json!(from);
    }
}

/// The business that is meant: the one named, the one that wrote last, or the default one.
pub(super) fn addressee(
    state: &Memory,
    number: &WaNumber,
    named: Option<&str>,
) -> Result<Account, Problem> {
    if let Some(id) = named {
        return state
            .account(id)
            .ok_or_else(|| Problem::missing("no account has this phoneNumberId"));
    }
    let last = state.phones.get(number).and_then(|phone| phone.last_business.as_ref());
    let account = last
        .and_then(|id| state.account(id))
        .or_else(|| state.account(account::DEFAULT_PHONE_NUMBER_ID))
        .or_else(|| state.account(state.numbers.keys().next()?));
    account.ok_or_else(|| Problem::missing("there is no business account"))
}

/// Puts the message on the phone and opens the window; answers who wrote it.
fn record(
    state: &mut Memory,
    account: &Account,
    number: &WaNumber,
    draft: &Draft,
    message: &Value,
    now: i64,
) -> Person {
    // A time that is still to come counts as now.
    let second = draft.timestamp.unwrap_or(now / 1000).min(now / 1000);
    let wamid = message["id"].as_str().unwrap_or_default();
    state.on_phone(number, |phone| {
        if let Some(name) = &draft.name {
            phone.name.clone_from(name);
        }
        if window::opens(&draft.kind) {
            phone.open_window(&account.phone_number_id, second);
        }
        match draft.amends() {
            Some(Amendment::Edit { wamid, text, content }) => phone.edit(&wamid, text, content),
            Some(Amendment::Revoke { wamid }) => phone.revoke(&wamid),
            None => {
                let content = message.get(&draft.kind).cloned().unwrap_or_default();
                let entry = PhoneMessage {
                    progress: Progress::Delivered,
                    reply_to: message["context"]["id"].as_str().map(str::to_owned),
                    ..PhoneMessage::new(wamid, Direction::Out, account, &draft.kind, now)
                };
                phone.push(PhoneMessage { text: draft.shown(), content, ..entry });
            }
        }
        let mut person = phone.owner();
        person.identity.hidden |= draft.hidden;
        person
    })
}
