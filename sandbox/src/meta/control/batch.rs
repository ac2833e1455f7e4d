//! `POST /_webhooks/batch`: many people write to many businesses at once, and Meta tells it in one
//! delivery.
//!
//! `{"updates": 1000, "phoneNumberIds"?, "malformed"?, "unknown"?, "bytes"?, "firstNumber"?}`: each update
//! is a text of another person, in turn to each of these numbers (all subscribed ones if nothing is
//! said); so many of them are elements that nobody can read, so many of a type that nobody knows, and
//! the texts are as long as it takes to fill so many bytes. It is posted once, and the answer is
//! `{status, body, bytes, updates: [{phoneNumberId, from, wamid, type}]}`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{Body, Problem};
use crate::meta::account::Account;
use crate::meta::hooks::{self, Receipt, post_signed};
use crate::meta::number::WaNumber;
use crate::meta::phone::{Direction, PhoneMessage, Progress};
use crate::meta::script::MAX_BATCH;
use crate::meta::state::State as Memory;
use crate::meta::{World, ids, wire};

/// Updates of one number that come together in one `change`.
const TOGETHER: usize = 5;
/// The longest text that a person can write.
const LONGEST_TEXT: usize = 4_096;
/// A type that nobody knows.
const UNKNOWN: &str = "hologram";

/// What shall be in it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    updates: u16,
    phone_number_ids: Option<Vec<String>>,
    #[serde(default)]
    malformed: u16,
    #[serde(default)]
    unknown: u16,
    #[serde(default)]
    bytes: usize,
    /// The first person's number; the next ones count up.
    first_number: Option<u64>,
}

/// One update, and what the answer says of it.
struct Update {
    account: usize,
    from: Option<WaNumber>,
    message: Value,
}

pub(super) async fn send(
    State(world): State<World>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    if !(1..=MAX_BATCH).contains(&wanted.updates)
        || wanted.malformed.saturating_add(wanted.unknown) > wanted.updates
    {
        return Err(Problem::bad(format!(
            "updates is 1 to {MAX_BATCH}, and malformed and unknown are among them"
        )));
    }
    let now = world.clock().now_ms();
    let (body, answer) = {
        let mut state = world.state();
        let accounts = accounts(&state, wanted.phone_number_ids.as_deref())?;
        let mut updates = updates(&wanted, accounts.len(), now / 1000)?;
        let bare = wire::to_json(&delivery(&accounts, &updates)).len();
        let each = wanted.bytes.saturating_sub(bare) / usize::from(wanted.updates);
        lengthen(&mut updates, each);
        record(&mut state, &accounts, &updates, now);
        (wire::to_json(&delivery(&accounts, &updates)), listed(&accounts, &updates))
    };
    world.mark_changed();
    let bytes = body.len();
    let Receipt { status, body } =
        post_signed(&world, body, None).await.map_err(Problem::gateway)?;
    Ok(Json(json!({"status": status, "body": body, "bytes": bytes, "updates": answer})))
}

fn accounts(state: &Memory, named: Option<&[String]>) -> Result<Vec<Account>, Problem> {
    let ids: Vec<String> = match named {
        Some(named) => named.to_vec(),
        None => state.numbers.keys().cloned().collect(),
    };
    let found = ids.iter().filter_map(|id| state.account(id));
    // What nobody subscribed to is not told.
    let found: Vec<Account> = found.filter(hooks::is_subscribed).collect();
    match found.is_empty() || named.is_some_and(|named| named.len() != found.len()) {
        true => Err(Problem::missing("no such number, or nobody is subscribed to it")),
        false => Ok(found),
    }
}

fn updates(wanted: &Wanted, accounts: usize, second: i64) -> Result<Vec<Update>, Problem> {
    let first = wanted.first_number.unwrap_or(4_915_100_000_000);
    let (malformed, odd) = (wanted.malformed, wanted.malformed + wanted.unknown);
    let update = |n: u16| {
        // Neighbours belong to the same number, and then comes the next one.
        let account = usize::from(n) / TOGETHER % accounts;
        // The odd ones stand in the midst of good ones, not in front.
        let place = (usize::from(n) + TOGETHER / 2) % usize::from(wanted.updates);
        let from = WaNumber::parse(&(first + u64::from(n)).to_string())
            .ok_or_else(|| Problem::bad("firstNumber is not a telephone number"))?;
        if place < usize::from(malformed) {
            let message = json!({"id": 12, "from": {}, "timestamp": [], "type": 7});
            return Ok(Update { account, from: None, message });
        }
        let mut message = json!({"id": ids::inbound_wamid(&from), "timestamp": second.to_string()});
        if place < usize::from(odd) {
            message["type"] = json!(UNKNOWN);
            message[UNKNOWN] = json!({"depth": n});
        } else {
            message["type"] = json!("text");
            message["text"] = json!({"body": format!("update {n}")});
        }
        Ok(Update { account, from: Some(from), message })
    };
    (0..wanted.updates).map(update).collect()
}

fn lengthen(updates: &mut [Update], each: usize) {
    for update in updates {
        let text = update.message["text"]["body"].as_str().map(str::to_owned);
        if let Some(mut text) = text {
            let room = LONGEST_TEXT.saturating_sub(text.len()).min(each);
            text.push_str(&" ".repeat(room.min(1)));
            text.push_str(&"x".repeat(room.saturating_sub(1)));
            update.message["text"]["body"] = json!(text);
        }
    }
}

/// One entry for each run of updates of the same number.
fn delivery(accounts: &[Account], updates: &[Update]) -> Value {
    let mut entries = Vec::new();
    for run in updates.chunk_by(|a, b| a.account == b.account) {
        let Some(account) = run.first().and_then(|update| accounts.get(update.account)) else {
            continue;
        };
        let (mut contacts, mut messages) = (Vec::new(), Vec::new());
        for Update { account: _, from, message } in run {
            let mut message = message.clone();
            if let Some(from) = from {
                contacts.push(json!({
                    "profile": {"name": from.sample_name()}, "wa_id": from.as_str(),
                    "user_id": from.user_id(&account.business_id, 0),
                }));
                message["from"] = json!(from.as_str());
                message["from_user_id"] = json!(from.user_id(&account.business_id, 0));
            }
            messages.push(message);
        }
        let value = json!({"contacts": contacts, "messages": messages});
        let mut body = hooks::envelope(account, value);
        entries.push(body["entry"][0].take());
    }
    json!({"object": "whatsapp_business_account", "entry": entries})
}

/// What people wrote lies on their phones, too.
fn record(state: &mut Memory, accounts: &[Account], updates: &[Update], now: i64) {
    for Update { account, from, message } in updates {
        let (Some(account), Some(from)) = (accounts.get(*account), from) else { continue };
        let (wamid, kind) = (text(message, "id"), text(message, "type"));
        let shown = message["text"]["body"].as_str().unwrap_or(kind).to_owned();
        state.on_phone(from, |phone| {
            phone.open_window(&account.phone_number_id, now / 1000);
            phone.push(PhoneMessage {
                text: shown,
                content: message[kind].clone(),
                progress: Progress::Delivered,
                ..PhoneMessage::new(wamid, Direction::Out, account, kind, now)
            });
        });
    }
}

fn listed(accounts: &[Account], updates: &[Update]) -> Vec<Value> {
    let listed = updates.iter().map(|Update { account, from, message }| {
        let id = accounts.get(*account).map(|account| &account.phone_number_id);
        match from {
            None => json!({"phoneNumberId": id, "type": "malformed"}),
            Some(from) => json!({
                "phoneNumberId": id, "from": from, "wamid": message["id"], "type": message["type"],
            }),
        }
    });
    listed.collect()
}

fn text<'a>(message: &'a Value, field: &str) -> &'a str {
    message[field].as_str().unwrap_or_default()
}
