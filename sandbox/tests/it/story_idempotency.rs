//! The same key is the same message, for ever.

use futures_util::future::join_all;
use serde_json::json;

use crate::kit::{Store, Town, of_type, on_both_stores};

on_both_stores! {
    threads = 2;
    sixty_four_at_once_are_one_message,
    a_refused_request_spends_no_key,
}

const SEND: &str = "/api/messages/text";

async fn sixty_four_at_once_are_one_message(store: Store) {
    let mut town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915400000001");
    ana.writes(maria.account(), "Hi").await;
    socket.hears("Hi").await;

    let body = json!({"to": ana.dialled(), "text": "Once."});
    let answers = join_all((0..64).map(|_| maria.post_once("k-64", SEND, &body))).await;
    let id = answers[0].json()["id"].clone();
    let mut first = 0;
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 201), "{}: {}", answer.status, answer.text);
        first += usize::from(answer.status == 201);
        assert_eq!(answer.json()["id"], id);
    }
    assert_eq!(first, 1, "one of them made it, the others found it");
    socket.message_is(&id, "DELIVERED").await;
    assert_eq!(town.meta.accepted_for(&ana.number).await, 1);
    assert_eq!(of_type(&maria.events(None).await, "message:sent").len(), 1);

    // The same JSON in other clothes is the same; anything else is not.
    let respaced = format!("{{ \"text\" : \"\\u004fnce.\",\n\"to\":\"{}\"}}", ana.dialled());
    let request = maria.request(reqwest::Method::POST, SEND).header("idempotency-key", "k-64");
    let answer = request.header("content-type", "application/json").body(respaced).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
    let others = [
        json!({"to": ana.dialled(), "text": "Twice."}),
        json!({"to": ana.dialled(), "text": "Once.", "previewUrl": true}),
        json!({"to": "+4915400000002", "text": "Once."}),
    ];
    for other in others {
        maria.post_once("k-64", SEND, &other).await.refused(409, "IDEMPOTENCY_KEY_REUSED");
    }
    let template = json!({"to": ana.dialled(), "candidateName": "Ana"});
    let elsewhere = maria.post_once("k-64", "/api/messages/template", &template).await;
    elsewhere.refused(409, "IDEMPOTENCY_KEY_REUSED");

    // It is the message as it is now, after a restart and when its window is long closed.
    town.kill_core().await;
    town.restart_core().await;
    town.clock("25h").await;
    let now = maria.post_once("k-64", SEND, &body).await.is(200);
    assert_eq!((&now["id"], &now["status"]), (&id, &json!("DELIVERED")));
    assert_eq!(town.meta.accepted_for(&ana.number).await, 1);
}

async fn a_refused_request_spends_no_key(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915400000003");
    let body = json!({"to": ana.dialled(), "text": "Hello"});
    maria.post_once("k", SEND, &body).await.refused(400, "WINDOW_CLOSED");
    maria.post_once("k", SEND, &json!({"to": "1", "text": ""})).await.blames("to");
    ana.writes(maria.account(), "Hi").await;
    socket.hears("Hi").await;
    let other = json!({"to": ana.dialled(), "text": "Hello again"});
    let made = maria.post_once("k", SEND, &other).await.is(201);
    assert_eq!(maria.post_once("k", SEND, &other).await.is(200)["id"], made["id"]);

    // A key belongs to its owner.
    ana.writes(jon.account(), "Hi, Jon").await;
    jon.socket_after(&jon.events(None).await[0]["id"].to_string().replace('"', ""))
        .await
        .hears("Hi, Jon")
        .await;
    let his = jon.post_once("k", SEND, &other).await.is(201);
    assert_ne!(his["id"], made["id"]);

    // A key is spent by a message, also by one that is queued or has failed.
    town.meta.on_send(1, &ana.number, json!({"fail": {"code": 131_056}})).await;
    let queued = json!({"to": ana.dialled(), "text": "Later"});
    let later = maria.post_once("k-queued", SEND, &queued).await;
    assert!(matches!(later.status, 201 | 202), "{}", later.text);
    let replayed = maria.post_once("k-queued", SEND, &queued).await.is(200);
    assert_eq!(replayed["id"], later.json()["id"]);
    town.meta.on_send(1, &ana.number, json!({"fail": {"code": 131_026}})).await;
    let lost = json!({"to": ana.dialled(), "text": "Never"});
    maria.post_once("k-failed", SEND, &lost).await.refused(422, "META_REJECTED");
    assert_eq!(maria.post_once("k-failed", SEND, &lost).await.is(200)["status"], "FAILED");

    // What is no key is refused.
    let long = "k".repeat(256);
    maria.post_once(&long, SEND, &other).await.blames("Idempotency-Key");
    maria.post_once(&long[1..], SEND, &other).await.is(201);
}
