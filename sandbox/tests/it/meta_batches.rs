//! Many updates in one delivery, and deliveries that are refused for days.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim};

fn entries(raw: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(raw).expect("JSON");
    body["entry"].as_array().expect("entries").clone()
}

/// Another account that our app listens to.
async fn another(sim: &Sim) -> Value {
    let other = sim.control("POST", "/graph/_accounts", Some(json!({}))).await;
    let path = format!("/graph/v25.0/{}/subscribed_apps", other["wabaId"]).replace('"', "");
    let answer = sim.call("POST", &path, other["accessToken"].as_str(), None).await;
    assert_eq!(answer.expect("an answer").status, 200);
    other
}

#[tokio::test]
async fn a_thousand_updates_of_several_accounts_in_almost_three_megabytes() {
    let mut sim = Sim::start().await;
    another(&sim).await;
    another(&sim).await;
    let wanted = json!({"updates": 1000, "bytes": 2_900_000, "malformed": 1, "unknown": 1});
    let answer = sim.control("POST", "/graph/_webhooks/batch", Some(wanted)).await;
    assert_eq!(answer["status"], 200);
    let raw = sim.app.next().await.raw;
    assert_eq!(answer["bytes"], raw.len());
    assert!((2_800_000..=2_900_000).contains(&raw.len()), "{}", raw.len());
    let entries = entries(&raw);
    let accounts: BTreeSet<&str> =
        entries.iter().map(|entry| entry["id"].as_str().expect("an id")).collect();
    assert_eq!(accounts.len(), 3);
    let messages: Vec<&Value> = entries
        .iter()
        .flat_map(|entry| entry["changes"].as_array().expect("changes"))
        .flat_map(|change| change["value"]["messages"].as_array().expect("messages"))
        .collect();
    assert_eq!(messages.len(), 1000);
    let count = |kind: &Value| messages.iter().filter(|m| m["type"] == *kind).count();
    assert_eq!((count(&json!("text")), count(&json!("hologram")), count(&json!(7))), (998, 1, 1));
    let listed = answer["updates"].as_array().expect("updates");
    assert_eq!(listed.len(), 1000);
    assert_eq!(listed[0]["wamid"], messages[0]["id"]);
    assert_ne!(messages[0]["type"], 7, "the bad one is in the midst");
    let from = listed[0]["from"].as_str().expect("a number");
    let phone = sim.control("GET", &format!("/phone/{from}"), None).await;
    assert_eq!(phone["messages"][0]["wamid"], listed[0]["wamid"], "it lies on the phone, too");
    for wrong in [
        json!({"updates": 0}),
        json!({"updates": 1001}),
        json!({"updates": 1, "malformed": 1, "unknown": 1}),
    ] {
        let path = "/graph/_webhooks/batch";
        let answer = sim.call("POST", path, None, Some(wrong)).await.expect("an answer");
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn what_waits_comes_in_batches() {
    let mut sim = Sim::start().await;
    sim.settings(json!({"webhooks": "off", "batch": 3})).await;
    let path = format!("/phone/{ANA}/messages");
    for n in 0..5 {
        sim.control("POST", &path, Some(json!({"text": format!("{n}")}))).await;
    }
    assert_eq!(sim.control("GET", "/graph/_webhooks", None).await["pending"], 5);
    assert!(sim.app.waiting().is_none());
    sim.app.will_answer(&[503]);
    sim.settings(json!({"webhooks": "on"})).await;
    let sizes = [
        entries(&sim.app.next().await.raw).len(),
        entries(&sim.app.next().await.raw).len(),
        entries(&sim.app.next().await.raw).len(),
    ];
    assert_eq!(sizes.iter().sum::<usize>(), 8, "three of them twice: {sizes:?}");
    let bad = json!({"settings": {"batch": "many"}});
    let answer = sim.call("POST", "/graph/_script", None, Some(bad)).await.expect("an answer");
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn nothing_but_200_is_an_acknowledgement_and_patience_lasts_a_week() {
    let mut sim = Sim::start().await;
    sim.app.will_answer(&[201, 204, 302]);
    sim.control("POST", &format!("/phone/{ANA}/messages"), Some(json!({"text": "hi"}))).await;
    for _ in 0..3 {
        sim.app.next().await;
        // The pauses between the attempts are business time.
        sim.control("POST", "/graph/_clock", Some(json!({"advance": "5s"}))).await;
    }
    sim.app.next().await;
    sim.script(json!([{"on": "webhook", "do": {"dropBefore": true}}])).await;
    sim.control("POST", &format!("/phone/{ANA}/messages"), Some(json!({"text": "lost"}))).await;
    let path = format!("/phone/{ANA}/messages?wait=true");
    let waits = sim.call("POST", &path, None, Some(json!({"text": "lost, too"})));
    let week = async {
        for _ in 0..200 {
            sim.control("POST", "/graph/_clock", Some(json!({"advance": "1h"}))).await;
        }
        sim.control("GET", "/graph/_webhooks", None).await
    };
    let (answer, _) = tokio::join!(waits, week);
    assert_eq!(answer.expect("an answer").status, 502, "given up, and said so");
    let report = sim.control("GET", "/graph/_webhooks", None).await;
    assert_eq!((&report["delivered"], &report["pending"]), (&json!(1), &json!(0)));
    assert_eq!(report["failed"], 2);
}
