//! `POST /phone/{number}/messages`: the person writes to a business.
//!
//! The body is `{"text": "hi"}` or Meta's own message object (`{"type": "image", "image": {…}}`),
//! with `phoneNumberId`, `name`, `timestamp` (seconds), `id` and `context` if wanted, and with
//! `hidePhone: true` for somebody whose number the business does not learn.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::number;
use crate::meta::account::Account;
use crate::meta::control::{Body, Params, Problem};
use crate::meta::hooks::{self, Delivery, Subject};
use crate::meta::number::WaNumber;
use crate::meta::phone::{Direction, PhoneMessage, Progress};
use crate::meta::state::State as Memory;
use crate::meta::{World, account, ids, window, wire};

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
    let (account, name, message) = {
        let mut state = world.state();
        let account = addressee(&state, &number, draft.phone_number_id.as_deref())?;
        let message = draft.message(&number, now);
        let name = record(&mut state, &account, &number, &draft, &message, now);
        (account, name, message)
    };
    let wamid = message["id"].clone();
    let body = hooks::inbound(&account, &number, &name, draft.hidden, message);
    let told = queue(&world, &account, &number, &body, now);
    world.wake_queue();
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

/// What the person typed, before it has a sender and a time.
struct Draft {
    kind: String,
    content: Value,
    context: Option<Value>,
    extras: Map<String, Value>,
    id: Option<String>,
    timestamp: Option<i64>,
    name: Option<String>,
    phone_number_id: Option<String>,
    hidden: bool,
}

impl Draft {
    fn parse(mut body: Map<String, Value>) -> Result<Self, Problem> {
        let mut string = |field: &str| match body.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::bad(format!("{field} must be a string"))),
        };
        let (id, name) = (string("id")?, string("name")?);
        let phone_number_id = string("phoneNumberId")?;
        let kind = string("type")?.unwrap_or_else(|| String::from("text"));
        let timestamp = match body.remove("timestamp") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => return Err(Problem::bad("timestamp must be seconds")),
        };
        let content = match (kind.as_str(), body.remove(&kind)) {
            ("text", Some(Value::String(text))) => json!({"body": text}),
            // These carry everything beside themselves.
            ("unsupported" | "unknown" | "request_welcome", content) => content.unwrap_or_default(),
            (_, Some(content)) => content,
            (_, None) => return Err(Problem::bad(format!("{kind} is missing"))),
        };
        let context = body.remove("context");
        let hidden = body.remove("hidePhone").and_then(|hide| hide.as_bool()).unwrap_or(false);
        Ok(Self {
            kind,
            content,
            context,
            extras: body,
            id,
            timestamp,
            name,
            phone_number_id,
            hidden,
        })
    }

    /// Meta's message object, still without its sender.
    fn message(&self, number: &WaNumber, now_ms: i64) -> Value {
        let mut message = Value::Object(self.extras.clone());
        message["id"] = json!(self.id.clone().unwrap_or_else(|| ids::inbound_wamid(number)));
        message["timestamp"] = json!(self.timestamp.unwrap_or(now_ms / 1000).to_string());
        message["type"] = json!(self.kind);
        if !self.content.is_null() {
            message[&self.kind] = self.content.clone();
        }
        if let Some(context) = &self.context {
            message["context"] = context.clone();
        }
        if self.kind == "unsupported" && message.get("errors").is_none() {
            message["errors"] = json!([{
                "code": 131_051, "title": "Message type unknown", "message": "Message type unknown",
                "error_data": {"details": "Message type is currently not supported."},
            }]);
        }
        let media = matches!(&*self.kind, "image" | "video" | "audio" | "document" | "sticker");
        if media && message[&self.kind].is_object() && message[&self.kind].get("id").is_none() {
            message[&self.kind]["id"] = json!(ids::object_id());
        }
        message
    }

    /// What a person reads of it.
    fn shown(&self) -> String {
        let Value::Object(content) = &self.content else {
            return format!("[{}]", self.kind);
        };
        let found = ["body", "text", "caption", "emoji", "filename", "name"]
            .iter()
            .find_map(|field| content.get(*field)?.as_str());
        let reply = ["button_reply", "list_reply"]
            .iter()
            .find_map(|field| content.get(*field)?["title"].as_str());
        match found.or(reply) {
            Some(text) => text.to_owned(),
            None => format!("[{}]", self.kind),
        }
    }
}

/// The business that is meant: the one named, the one that wrote last, or the default one.
fn addressee(state: &Memory, number: &WaNumber, named: Option<&str>) -> Result<Account, Problem> {
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

/// Puts the message on the phone and opens the window; answers the name of the person.
fn record(
    state: &mut Memory,
    account: &Account,
    number: &WaNumber,
    draft: &Draft,
    message: &Value,
    now: i64,
) -> String {
    // A time that is still to come counts as now.
    let second = draft.timestamp.unwrap_or(now / 1000).min(now / 1000);
    let entry = PhoneMessage {
        wamid: message["id"].as_str().unwrap_or_default().to_owned(),
        direction: Direction::Out,
        phone_number_id: account.phone_number_id.clone(),
        business_name: account.verified_name.clone(),
        kind: draft.kind.clone(),
        text: draft.shown(),
        content: draft.content.clone(),
        at_ms: now,
        progress: Progress::Delivered,
        reply_to: message["context"]["id"].as_str().map(str::to_owned),
        opaque: None,
    };
    state.on_phone(number, |phone| {
        if let Some(name) = &draft.name {
            phone.name.clone_from(name);
        }
        if window::opens(&draft.kind) {
            phone.open_window(&account.phone_number_id, second);
        }
        phone.push(entry);
        phone.name.clone()
    })
}

/// Queues the webhook, unless nobody listens; answers a receiver for its acknowledgement.
fn queue(
    world: &World,
    account: &Account,
    number: &WaNumber,
    body: &Value,
    now: i64,
) -> Option<oneshot::Receiver<bool>> {
    if !hooks::is_subscribed(account) {
        return None;
    }
    let subject = Subject {
        phone_number_id: Some(account.phone_number_id.clone()),
        to: Some(number.to_string()),
    };
    let mut queue = world.queue();
    let id = queue.push(Delivery::new(wire::to_json(body), subject, now))?;
    Some(queue.on_settled(id))
}
