//! One attempt to deliver one webhook, or several in one: rules first, then a signed POST.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use serde_json::{Value, json};

use super::Delivery;
use crate::meta::World;
use crate::meta::script::{Effects, Occasion, On};
use crate::meta::wire;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver said exactly 200.
    Acknowledged,
    /// It said anything else, or nothing.
    Refused,
    /// It was not made: another one shall go first.
    LetPast,
}

/// What a receiver answered.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// HTTP status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// Several go together, and share what happens to the first.
pub(super) async fn attempt(world: &World, deliveries: &[Delivery]) -> Outcome {
    let Some(Delivery { body, subject, overtaken, first_due: _, attempts: _ }) = deliveries.first()
    else {
        return Outcome::Acknowledged;
    };
    let effects = world.script().strike(Occasion {
        on: On::Webhook,
        to: subject.to.as_deref(),
        phone_number_id: subject.phone_number_id.as_deref(),
        call: None,
    });
    if effects.reorder && !overtaken {
        return Outcome::LetPast;
    }
    tokio::time::sleep(Duration::from_millis(effects.delay_ms)).await;
    if effects.fail.is_some() || effects.drop_before {
        return Outcome::Refused;
    }
    let body = if deliveries.len() > 1 { joined(deliveries) } else { body.to_string() };
    let body = if effects.malformed { with_malformed_element(&body) } else { body };
    if deliver(world, body, &effects).await && !effects.drop_after {
        Outcome::Acknowledged
    } else {
        Outcome::Refused
    }
}

/// Sends the copies at the same time; one acknowledgement is enough for Meta.
async fn deliver(world: &World, body: String, effects: &Effects) -> bool {
    let copies = 1 + usize::from(effects.extra_copies);
    let posts = (0..copies).map(|_| post_signed(world, body.clone(), None));
    let receipts = futures_util::future::join_all(posts).await;
    receipts.iter().any(|receipt| receipt.as_ref().is_ok_and(|receipt| receipt.status == 200))
}

/// Signs exactly these bytes and posts them to our app.
///
/// # Errors
/// When there is no address to post to, or no answer from it.
pub async fn post_signed(
    world: &World,
    body: String,
    signature: Option<String>,
) -> Result<Receipt, String> {
    let url = world.webhook_url().ok_or("the app has no webhook URL")?;
    let signature =
        signature.unwrap_or_else(|| wire::signature(world.app_secret(), body.as_bytes()));
    let response = world
        .http()
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "facebookexternalua")
        .header("X-Hub-Signature-256", signature)
        .body(body)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    // The body is read so that the connection can be used again.
    let body = response.text().await.unwrap_or_default();
    Ok(Receipt { status, body })
}

/// One body with the entries of all, in their order: accounts and fields mixed as they came.
fn joined(deliveries: &[Delivery]) -> String {
    let bodies = deliveries.iter().map(|delivery| serde_json::from_str::<Value>(&delivery.body));
    // Every body here was written here.
    let entries: Vec<Value> = bodies
        .filter_map(Result::ok)
        .flat_map(|mut body| match body["entry"].take() {
            Value::Array(entries) => entries,
            _ => Vec::new(),
        })
        .collect();
    wire::to_json(&json!({"object": "whatsapp_business_account", "entry": entries}))
}

/// Puts something unreadable in front of the good elements.
fn with_malformed_element(body: &str) -> String {
    let Ok(mut parsed) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    let value = &mut parsed["entry"][0]["changes"][0]["value"];
    for list in ["messages", "statuses"] {
        if let Some(list) = value[list].as_array_mut() {
            list.insert(
                0,
                json!({"id": 12, "from": {}, "timestamp": [], "type": 7, "status": null}),
            );
        }
    }
    wire::to_json(&parsed)
}
