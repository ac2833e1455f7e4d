//! `POST /_accounts/{waba}/news`: what Meta tells of an account, its numbers and its templates.
//!
//! `{"field": …, "value": {…}, "template"?, "phoneNumberId"?}`: the field alone says the usual thing, and
//! `value` says what shall be different, or everything of a field that is not known here. `template`
//! (`{"name", "language"?}`) is whom template fields are about, `phoneNumberId` whom number fields are
//! about; the first one if nothing is said. What the webhook says becomes true before it is sent: a
//! paused template is refused, a banned account cannot send. Answers `{queued, entryId, value}`.

mod account;
mod number;
mod template;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::problem::{Body, Problem};
use crate::meta::hooks::{Delivery, Subject};
use crate::meta::state::State as Memory;
use crate::meta::{World, wire};

/// What shall be told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct News {
    field: String,
    #[serde(default)]
    value: Map<String, Value>,
    template: Option<template::Named>,
    phone_number_id: Option<String>,
}

/// What is ready to be sent.
struct Ready {
    /// The account, or our own portfolio where Meta says so.
    entry_id: String,
    value: Value,
    /// Fields about messages have no time beside them.
    timed: bool,
    /// Whether it comes without a subscription to the account.
    unsubscribed: bool,
}

pub(super) async fn tell(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    Body(news): Body<News>,
) -> Result<Json<Value>, Problem> {
    let now = world.clock().now_ms();
    let version = world.script().settings.webhook_version;
    let field = news.field.clone();
    let phone_number_id = news.phone_number_id.clone();
    let (ready, subscribed) = {
        let mut state = world.state();
        let waba = state.waba(&waba_id).ok_or_else(|| Problem::missing("no such account"))?;
        let subscribed = waba.subscribed;
        (prepare(&mut state, &waba_id, news, world.app_id(), (now / 1000, version))?, subscribed)
    };
    let Ready { entry_id, value, timed, unsubscribed } = ready;
    let mut entry = json!({"id": entry_id, "changes": [{"field": field, "value": value}]});
    if timed {
        entry["time"] = json!(now / 1000);
    }
    let body = wire::to_json(&json!({"object": "whatsapp_business_account", "entry": [entry]}));
    let subject = Subject { phone_number_id, to: None };
    let queued = (subscribed || unsubscribed)
        && world.queue().push(Delivery::new(body, subject, now)).is_some();
    world.wake_queue();
    Ok(Json(json!({"queued": queued, "entryId": entry_id, "value": value})))
}

fn prepare(
    state: &mut Memory,
    waba_id: &str,
    news: News,
    app_id: &str,
    (now_secs, version): (i64, u32),
) -> Result<Ready, Problem> {
    let News { field, value, template, phone_number_id } = news;
    let about_account = |value: Value| Ready {
        entry_id: waba_id.to_owned(),
        value,
        timed: true,
        unsubscribed: false,
    };
    match field.as_str() {
        "message_template_status_update"
        | "message_template_quality_update"
        | "template_category_update"
        | "message_template_components_update" => {
            template::prepare(state, waba_id, &field, value, template, now_secs).map(about_account)
        }
        "account_update" => account::update(state, waba_id, value, app_id),
        "account_alerts" | "account_review_update" | "business_capability_update" => {
            Ok(about_account(account::other(waba_id, &field, value, version)))
        }
        "phone_number_quality_update" | "phone_number_name_update" | "security" => {
            let id = phone_number_id.as_deref();
            number::prepare(state, waba_id, &field, value, id, version).map(about_account)
        }
        // Anything else is told as it is; with a number it is about that number.
        _ => Ok(Ready {
            timed: phone_number_id.is_none(),
            ..about_account(number::raw(state, waba_id, value, phone_number_id.as_deref())?)
        }),
    }
}

/// The usual thing, and what shall be different.
fn merged(usual: Value, different: Map<String, Value>) -> Value {
    let mut value = usual;
    for (field, wanted) in different {
        value[field] = wanted;
    }
    value
}
