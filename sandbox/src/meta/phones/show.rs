//! `GET /phone` and `GET /phone/{number}`: what a person sees.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;
use serde_json::{Value, json};

use super::number;
use crate::meta::World;
use crate::meta::control::{Params, Problem};
use crate::meta::person::Identity;
use crate::meta::phone::{Phone, PhoneMessage};

/// How long a question for news stays open.
const PATIENCE: Duration = Duration::from_secs(25);

/// What the asker knows already.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    after: Option<u64>,
}

pub(super) async fn list(
    State(world): State<World>,
    Params(Known { after }): Params<Known>,
) -> Json<Value> {
    wait(&world, after, |world| world.state().version).await;
    let state = world.state();
    let mut phones: Vec<&Phone> = state.phones.iter().collect();
    phones.sort_by_key(|phone| std::cmp::Reverse(phone.version));
    let data: Vec<Value> = phones
        .into_iter()
        .map(|phone| {
            json!({
                "number": phone.number, "name": phone.name, "unread": phone.unread(),
                "version": phone.version, "lastMessage": phone.messages.back().map(message),
            })
        })
        .collect();
    Json(json!({"version": state.version, "data": data}))
}

pub(super) async fn show(
    State(world): State<World>,
    Path(text): Path<String>,
    Params(Known { after }): Params<Known>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let version =
        |world: &World| world.state().phones.get(&number).map_or(0, |phone| phone.version);
    wait(&world, after, version).await;
    let now = world.clock().now_ms();
    let state = world.state();
    let Some(phone) = state.phones.get(&number) else {
        // Everybody has a phone; nobody wrote to this one yet.
        return Ok(Json(json!({
            "number": number, "name": number.sample_name(), "identity": Identity::default(),
            "stopped": [], "now": rfc3339(now), "version": 0,
            "unread": 0, "typing": [], "messages": [],
        })));
    };
    let typing: Vec<&String> =
        phone.typing.iter().filter(|(_, until)| **until > now).map(|(id, _)| id).collect();
    Ok(Json(json!({
        "number": phone.number, "name": phone.name, "identity": phone.identity,
        "stopped": phone.stopped, "now": rfc3339(now), "version": phone.version,
        "unread": phone.unread(), "typing": typing, "lastBusiness": phone.last_business,
        "messages": phone.messages.iter().map(message).collect::<Vec<_>>(),
    })))
}

/// Waits until the version is beyond what the asker knows, at most a while.
async fn wait(world: &World, after: Option<u64>, version: impl Fn(&World) -> u64) {
    let Some(after) = after else { return };
    // Subscribed before the first look, so that no change falls between the two.
    let mut changes = world.changes();
    let news = async { while version(world) <= after && changes.changed().await.is_ok() {} };
    // Either answer is right: news, or the same as before.
    world.await_news(news, PATIENCE).await;
}

fn message(message: &PhoneMessage) -> Value {
    let PhoneMessage {
        wamid,
        direction,
        phone_number_id,
        business_name,
        kind,
        text,
        content,
        at_ms,
        progress,
        reply_to,
        opaque: _,
        category: _,
        by_user_id: _,
        edited,
        revoked,
    } = message;
    json!({
        "wamid": wamid, "direction": direction, "phoneNumberId": phone_number_id,
        "businessName": business_name, "type": kind, "text": text, "content": content,
        "at": rfc3339(*at_ms), "status": progress, "replyTo": reply_to,
        "edited": edited, "revoked": revoked,
    })
}

/// Milliseconds since 1970 as RFC 3339 in UTC.
pub(in crate::meta) fn rfc3339(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}
