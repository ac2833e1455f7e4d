//! Sending through the simulated Meta: checks, ledger, window, limits, statuses.

use sandbox::meta::account::DEFAULT_PHONE_NUMBER_ID;
use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, template, text};

fn with(mut base: Value, field: &str, value: Value) -> Value {
    base[field] = value;
    base
}

#[tokio::test]
async fn what_is_accepted_is_in_the_ledger_as_it_came() {
    let sim = Sim::start().await;
    let body = with(template(ANA, "Ana"), "biz_opaque_callback_data", json!("one"));
    let answer = sim.send(body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let wamid = answer.json()["messages"][0]["id"].clone();
    assert_eq!(answer.json()["messages"][0]["message_status"], "accepted");
    assert_eq!(answer.json()["contacts"], json!([{"input": format!("+{ANA}"), "wa_id": ANA}]));

    let path =
        format!("/graph/_ledger?phoneNumberId={DEFAULT_PHONE_NUMBER_ID}&to=%2B{ANA}&limit=5");
    let ledger = sim.control("GET", &path, None).await;
    assert_eq!(ledger["count"], 1);
    let entry = &ledger["data"][0];
    assert_eq!(
        (&entry["wamid"], &entry["body"], &entry["type"]),
        (&wamid, &body, &json!("template"))
    );
    assert_eq!((&entry["to"], &entry["opaque"]), (&json!(ANA), &json!("one")));

    sim.send(body).await;
    sim.send(with(template(ANA, "Ana"), "to", json!("nobody"))).await;
    let summary = sim.control("GET", "/graph/_ledger?summary=true", None).await;
    assert_eq!(summary["opaque"]["repeated"], json!({"one": 2}));
    assert_eq!((&summary["count"], &summary["refused"]), (&json!(2), &json!(1)));
}

fn typed(kind: &str, content: Value) -> Value {
    with(json!({"messaging_product": "whatsapp", "to": ANA, "type": kind}), kind, content)
}

fn buttons(count: usize) -> Value {
    let button = |n: usize| json!({"type": "reply", "reply": {"id": n.to_string(), "title": format!("B{n}")}});
    let buttons: Vec<Value> = (0..count).map(button).collect();
    let action = json!({"buttons": buttons});
    typed("interactive", json!({"type": "button", "body": {"text": "Choose"}, "action": action}))
}

#[tokio::test]
async fn bad_requests_have_metas_codes_and_leave_no_entry() {
    let sim = Sim::start().await;
    sim.writes(ANA, json!({"text": "hi"})).await;
    let of_template = |content: Value| with(template(ANA, "Ana"), "template", content);
    let named = |name: &str| json!({"name": name, "language": {"code": "en_US"}});
    let cases = [
        (json!({"to": ANA, "type": "text", "text": {"body": "x"}}), 100),
        (json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}), 100),
        (with(text(ANA, "x"), "surprise", json!(1)), 100),
        (with(text(ANA, "x"), "to", json!("call me")), 131_009),
        (typed("text", json!({})), 131_008),
        (typed("text", json!({"body": "x".repeat(4097)})), 100),
        (typed("image", json!({"id": "1", "link": "https://host/a.png"})), 100),
        (typed("audio", json!({"id": "1", "caption": "no"})), 100),
        (typed("location", json!({"latitude": 91, "longitude": 0})), 131_009),
        (typed("contacts", json!([{"name": {"formatted_name": "Ana"}}])), 131_008),
        (typed("reaction", json!({"message_id": "wamid.x", "emoji": "\u{1f44d}"})), 131_009),
        (typed("dance", json!({})), 131_051),
        (buttons(0), 131_009),
        (buttons(4), 131_009),
        (of_template(named("none")), 132_001),
        (of_template(named("initiate")), 132_000),
        (text("15550783881", "to myself"), 131_021),
    ];
    for (body, code) in cases {
        assert_eq!(sim.send(body.clone()).await.refusal().1, code, "{body}");
    }
    assert_eq!(sim.accepted().await, 0);
}

#[tokio::test]
async fn every_kind_that_is_right_is_accepted() {
    let sim = Sim::start().await;
    let theirs = sim.writes(ANA, json!({"text": "hi"})).await;
    let list = json!({"type": "list", "body": {"text": "Choose"}, "action": {"button": "Days",
        "sections": [{"rows": [{"id": "1", "title": "Monday"}]}]}});
    let kinds = [
        buttons(3),
        typed("interactive", list),
        typed("image", json!({"id": "1", "caption": "a"})),
        typed("document", json!({"link": "https://host/cv.pdf", "filename": "cv.pdf"})),
        typed("location", json!({"latitude": "1.5", "longitude": 2, "name": "Office"})),
        typed("contacts", json!([{"name": {"formatted_name": "Ana", "first_name": "Ana"}}])),
        typed("reaction", json!({"message_id": theirs, "emoji": "\u{1f44d}"})),
        typed("reaction", json!({"message_id": theirs, "emoji": ""})),
    ];
    for body in kinds {
        assert_eq!(sim.send(body.clone()).await.status, 200, "{body}");
    }
    assert_eq!(sim.accepted().await, 8);
}

#[tokio::test]
async fn statuses_follow_with_what_the_business_wants_to_hear() {
    let mut sim = Sim::start().await;
    sim.writes(ANA, json!({"text": "hi", "name": "Ana"})).await;
    sim.app.next().await;
    let answer = sim.send(text(ANA, "hello")).await.json();
    let (mut statuses, mut last) = (Vec::new(), Value::Null);
    while statuses.len() < 2 {
        let (status, element) = sim.app.next_status().await;
        statuses.push(status);
        last = element;
    }
    statuses.sort_unstable();
    assert_eq!(statuses, ["delivered", "sent"]);
    assert_eq!(last["id"], answer["messages"][0]["id"]);
    assert_eq!(last["biz_opaque_callback_data"], "opaque-hello");
    assert_eq!(
        (&last["recipient_id"], &last["pricing"]["category"]),
        (&json!(ANA), &json!("service"))
    );
    assert!(last["recipient_user_id"].as_str().is_some_and(|id| id.starts_with("US.")));
    assert!(last["timestamp"].is_string());

    let read = sim.control("POST", &format!("/phone/{ANA}/read"), None).await;
    assert_eq!(read, json!({"read": 1}));
    assert_eq!(sim.app.next_status().await.0, "read");

    sim.settings(json!({"statuses": "off"})).await;
    sim.send(text(ANA, "quiet")).await;
    assert_eq!(sim.control("GET", "/graph/_webhooks", None).await["pending"], 0);
}

#[tokio::test]
async fn a_closed_window_fails_afterwards_or_at_once() {
    let mut sim = Sim::start().await;
    assert_eq!(sim.send(text(ANA, "cold")).await.status, 200);
    let value = sim.app.next().await.value();
    assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_047);
    assert_eq!(value["statuses"][0]["status"], "failed");
    assert!(value.get("contacts").is_none(), "failures come without contacts");
    let phone = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(phone["messages"], json!([]), "nothing reached the person");

    sim.settings(json!({"windowSync": true})).await;
    assert_eq!(sim.send(text(ANA, "cold")).await.refusal(), (400, 131_047));
    sim.writes(ANA, json!({"text": "hi"})).await;
    assert_eq!(sim.send(text(ANA, "warm")).await.status, 200);
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "25h"}))).await;
    assert_eq!(sim.send(text(ANA, "late")).await.refusal(), (400, 131_047));
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200, "templates may always go");
}

#[tokio::test]
async fn one_person_gets_45_at_once_and_then_one_in_six_seconds() {
    let sim = Sim::start().await;
    sim.settings(json!({"statuses": "off"})).await;
    for _ in 0..45 {
        assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    }
    assert_eq!(sim.send(template(ANA, "Ana")).await.refusal(), (400, 131_056));
    assert_eq!(sim.send(template("16505550000", "Ben")).await.status, 200);
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "6s"}))).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    sim.settings(json!({"limits": "off"})).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    assert_eq!(sim.accepted().await, 48);
}
