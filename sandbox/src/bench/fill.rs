//! A long past, written the way a real one comes: signed webhooks through the edge, up to a thousand
//! messages each, as Meta delivers them after an outage.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    drain,
    error::BenchError,
    http::number,
    scene::{Scene, Thread, identified},
    signed::Signed,
    target::Target,
    webhooks,
};
use crate::meta::ids;

/// Messages of one delivery: the most that Meta puts together.
const DELIVERY: u32 = 1_000;
/// How far the deliveries may be ahead of what is applied: a backlog would only cost memory.
const AHEAD: u32 = 8 * DELIVERY;
/// How long nothing may be kept or applied.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes `count` messages into a thread, one a second until now; says how long that took.
pub(super) async fn fill(
    target: &Target,
    scene: &Scene,
    thread: &Thread,
    count: u32,
) -> Result<Duration, BenchError> {
    let begun = Instant::now();
    let before = unread(target, scene, thread).await?;
    let first_at = scene.clock.now_secs() - i64::from(count);
    let mut written = 0;
    while written < count {
        let end = count.min(written + DELIVERY);
        let delivery = delivery(scene, thread, first_at, written..end);
        deliver(target, &Signed::new(&delivery)).await?;
        written = end;
        let applied = before + u64::from(written.saturating_sub(AHEAD));
        applied_at_least(target, scene, thread, applied).await?;
    }
    let all = before + u64::from(count);
    applied_at_least(target, scene, thread, all).await?;
    let found = unread(target, scene, thread).await?;
    if found == all {
        Ok(begun.elapsed())
    } else {
        Err(BenchError::Miscounted { what: "messages of the past", found, expected: all })
    }
}

/// Delivers, as Meta does, again and again while the edge says that it could not keep it.
async fn deliver(target: &Target, signed: &Signed) -> Result<(), BenchError> {
    drain::until("a delivery to be kept", PATIENCE, async || {
        let request = signed.clone().request(&target.http, &target.edge);
        let answer = target.http.json("filling a conversation", request, &[200, 503]).await?;
        Ok((answer["received"] == Value::Bool(true)).then_some(()))
    })
    .await
}

/// The text of the message with this number.
fn text(number: u32) -> String {
    format!("Message {number} of a long talk about a job that fits.")
}

/// The number in the text of a message.
pub(super) fn number_in(message: &Value) -> Option<u32> {
    message["content"]["text"].as_str()?.split(' ').nth(1)?.parse().ok()
}

fn delivery(scene: &Scene, thread: &Thread, first_at: i64, numbers: std::ops::Range<u32>) -> Value {
    let (_, mut whole) = webhooks::body(scene, thread, "", first_at);
    let messages = &mut whole["entry"][0]["changes"][0]["value"]["messages"];
    let sample = messages[0].take();
    let message = |number: u32| {
        let mut message = sample.clone();
        message["id"] = ids::inbound_wamid(&thread.candidate).into();
        message["timestamp"] = (first_at + i64::from(number)).to_string().into();
        message["text"]["body"] = text(number).into();
        message
    };
    *messages = numbers.map(message).collect();
    whole
}

async fn applied_at_least(
    target: &Target,
    scene: &Scene,
    thread: &Thread,
    count: u64,
) -> Result<(), BenchError> {
    drain::until("a conversation to fill", PATIENCE, async || {
        Ok((unread(target, scene, thread).await? >= count).then_some(()))
    })
    .await
}

async fn unread(target: &Target, scene: &Scene, thread: &Thread) -> Result<u64, BenchError> {
    let what = "looking at a conversation";
    let url = target.edge.at(&format!("/api/conversations/{}", thread.conversation));
    let request = identified(target.http.get(url), &scene.recruiters[thread.recruiter].owner);
    let row = target.http.json(what, request, &[200]).await?;
    number(&row, "unreadCount", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn a_delivery_holds_every_message_once_in_order() {
        let scene = Scene::alone();
        let whole = delivery(&scene, &scene.threads[0], 1_000, 5..9);
        let value = &whole["entry"][0]["changes"][0]["value"];
        let messages = value["messages"].as_array().expect("messages");
        let ids: BTreeSet<&str> = messages.iter().filter_map(|m| m["id"].as_str()).collect();
        assert_eq!((messages.len(), ids.len()), (4, 4));
        assert_eq!(messages[0]["timestamp"], "1005");
        assert_eq!(messages[3]["text"]["body"], json!(text(8)));
        assert_eq!(messages[3]["from"], "4915100000001");
        assert_eq!(value["contacts"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn the_number_of_a_message_can_be_read_again() {
        assert_eq!(number_in(&json!({"content": {"text": text(123)}})), Some(123));
        assert_eq!(number_in(&json!({"content": {"text": "Hello"}})), None);
    }
}
