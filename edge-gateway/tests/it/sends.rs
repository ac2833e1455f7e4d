//! Sends: what the status says, and what identifies a send.

use linkojob_proto::v1::MessageStatus;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Edge, problem};

async fn send(edge: &Edge, key: Option<&str>, body: &Value) -> (u16, Value) {
    let mut request = edge.request(Method::POST, "/api/messages/text").json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await.expect("answer");
    (answer.status().as_u16(), answer.json().await.expect("json"))
}

/// A field of the request as the core saw it.
fn part(request: &str, name: &str) -> String {
    let rest = request.split_once(&format!("{name}: ")).expect("field").1;
    let end = if rest.starts_with('[') { ']' } else { ',' };
    rest.split(end).next().expect("value").to_owned()
}

#[tokio::test]
async fn the_status_says_how_far_it_came() {
    let edge = Edge::start().await;
    let body = json!({"to": "+1 (415) 555-0123", "text": "Hello"});
    for (known, status) in [
        (MessageStatus::Queued, 202),
        (MessageStatus::Sending, 202),
        (MessageStatus::Unknown, 202),
        (MessageStatus::Accepted, 201),
        (MessageStatus::Sent, 201),
        (MessageStatus::Delivered, 201),
        (MessageStatus::Read, 201),
    ] {
        *edge.core.state.message_status.lock().expect("lock") = known;
        *edge.core.state.replayed.lock().expect("lock") = false;
        let (got, message) = send(&edge, None, &body).await;
        assert_eq!(got, status, "{known:?}");
        assert_eq!(message["direction"], "OUTBOUND");
        *edge.core.state.replayed.lock().expect("lock") = true;
        assert_eq!(send(&edge, Some("k"), &body).await.0, 200, "{known:?} again");
    }
    let seen = &edge.core.calls("send_text")[0].request;
    assert!(seen.contains(r#"To("+14155550123")"#), "{seen}");
    assert_eq!(part(seen, "message_id").len(), 38, "a UUID in quotes: {seen}");
}

#[tokio::test]
async fn the_same_request_has_the_same_fingerprint() {
    let edge = Edge::start().await;
    let one = json!({"to": "+14155550123", "text": "Hello"});
    send(&edge, Some("k"), &one).await;
    let spaced = edge.request(Method::POST, "/api/messages/text");
    let spaced = spaced.header("content-type", "application/json").header("idempotency-key", "k");
    let written = "{ \"text\": \"\\u0048ello\",\n \"to\": \"+14155550123\" }";
    assert_eq!(spaced.body(written).send().await.expect("answer").status(), 201);
    send(&edge, Some("k"), &json!({"to": "+14155550123", "text": "Hello!"})).await;
    let seen = edge.core.calls("send_text");
    let prints: Vec<_> = seen.iter().map(|seen| part(&seen.request, "fingerprint")).collect();
    assert_eq!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
    let ids: Vec<_> = seen.iter().map(|seen| part(&seen.request, "message_id")).collect();
    assert!(ids[0] < ids[1] && ids[1] < ids[2], "each call mints its own: {ids:?}");
    assert_eq!(part(&seen[0].request, "idempotency_key"), r#""k""#);
}

#[tokio::test]
async fn keys_have_a_length_and_stand_once() {
    let edge = Edge::start().await;
    let body = json!({"to": "+14155550123", "text": "Hello"});
    assert_eq!(send(&edge, Some(&"k".repeat(255)), &body).await.0, 201);
    for wrong in ["", &"k".repeat(256)] {
        assert_eq!(send(&edge, Some(wrong), &body).await.0, 400, "{} long", wrong.len());
    }
    let twice = edge.request(Method::POST, "/api/messages/text").json(&body);
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "a");
    assert_eq!(problem(twice.send().await.expect("answer")).await.0, 400);
}

#[tokio::test]
async fn a_template_takes_variables_by_name_or_in_order() {
    let edge = Edge::start().await;
    for variables in [json!({"1": "Ana"}), json!(["Ana"])] {
        let body = json!({
            "conversationId": "c-1", "candidateName": "Ana", "variables": variables,
            "language": "en_US", "template": {"name": "initiate", "language": "pt_BR"}
        });
        assert_eq!(edge.post("/api/messages/template", body).await.status(), 201);
    }
    let seen = edge.core.calls("send_template");
    for seen in seen {
        let seen = seen.request;
        assert!(seen.contains(r#"TemplateVariable { name: "1", value: "Ana" }"#), "{seen}");
        assert!(
            seen.contains(r#"TemplateChoice { name: "initiate", language: "pt_BR" }"#),
            "{seen}"
        );
        assert!(seen.contains(r#"ConversationId("c-1")"#), "{seen}");
    }
}
