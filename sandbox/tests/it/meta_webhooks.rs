//! Webhooks out of the simulated Meta: spelling, signature, retries, and what survives a restart.

use sandbox::meta::account::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_WABA_ID};
use sandbox::meta::wire;
use serde_json::json;

use crate::meta_kit::{ANA, SECRET, Sim, template};

#[tokio::test]
async fn the_signature_is_over_the_bytes_that_arrive() {
    let mut sim = Sim::start().await;
    sim.writes(ANA, json!({"text": "caf\u{e9} a/b @ \u{1f600}"})).await;
    let webhook = sim.app.next().await;
    let signature = wire::signature(SECRET, webhook.raw.as_bytes());
    assert_eq!(webhook.headers["x-hub-signature-256"], signature.as_str());
    assert_eq!(webhook.headers["content-type"], "application/json");
    assert!(webhook.raw.is_ascii(), "{}", webhook.raw);
    assert!(webhook.raw.contains(r"caf\u00e9 a\/b \u0040 \ud83d\ude00"), "{}", webhook.raw);
    let value = webhook.value();
    assert_eq!(value["metadata"]["phone_number_id"], DEFAULT_PHONE_NUMBER_ID);
    assert_eq!(value["messages"][0]["from"], ANA);
    assert_eq!(value["contacts"][0]["user_id"], value["messages"][0]["from_user_id"]);
    assert!(value["messages"][0]["timestamp"].is_string());
}

#[tokio::test]
async fn only_exactly_200_is_an_acknowledgement() {
    let mut sim = Sim::start().await;
    sim.app.will_answer(&[503, 204]);
    let wamid = sim.writes(ANA, json!({"text": "again and again"})).await;
    for _ in 0..3 {
        assert_eq!(sim.app.next().await.value()["messages"][0]["id"], wamid.as_str());
    }
    let report = sim.control("GET", "/graph/_webhooks", None).await;
    assert_eq!((&report["delivered"], &report["retried"]), (&json!(1), &json!(2)));
    assert_eq!((&report["pending"], &report["failed"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn any_bytes_can_be_injected() {
    let mut sim = Sim::start().await;
    let answer = sim.control("POST", "/graph/_webhooks", Some(json!({"raw": "no json"}))).await;
    assert_eq!(answer["status"], 200);
    let webhook = sim.app.next().await;
    assert_eq!(webhook.raw, "no json");
    assert_eq!(
        webhook.headers["x-hub-signature-256"],
        wire::signature(SECRET, b"no json").as_str()
    );
    sim.app.will_answer(&[401]);
    let value = json!({"value": {"object": "a/b"}, "signature": "sha256=00"});
    let answer = sim.control("POST", "/graph/_webhooks", Some(value)).await;
    assert_eq!(answer["status"], 401);
    let webhook = sim.app.next().await;
    assert_eq!(
        (&*webhook.raw, &webhook.headers["x-hub-signature-256"] == "sha256=00"),
        (r#"{"object":"a\/b"}"#, true)
    );
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let sim = Sim::start_in(Some(folder.path().to_owned())).await;
    sim.post(&format!("/v25.0/{DEFAULT_WABA_ID}/subscribed_apps"), json!({})).await;
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "25h"}))).await;
    sim.settings(json!({"statuses": "off"})).await;
    sim.send(template(ANA, "Ana")).await;
    let other = sim.control("POST", "/graph/_accounts", Some(json!({"name": "Other"}))).await;
    sim.script(json!([{"on": "webhook", "do": {"dropBefore": true}}])).await;
    let path = format!("/phone/{ANA}/messages");
    sim.control("POST", &path, Some(json!({"text": "undelivered"}))).await;
    let before = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    let ledger = sim.control("GET", "/graph/_ledger", None).await;
    sim.stop().await;

    let mut sim = Sim::start_in(Some(folder.path().to_owned())).await;
    assert_eq!(sim.app.next().await.value()["messages"][0]["text"]["body"], "undelivered");
    assert_eq!(sim.control("GET", "/graph/_ledger", None).await, ledger);
    let after = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(after["messages"], before["messages"]);
    assert_eq!(sim.control("GET", "/graph/_clock", None).await["offsetMs"], 25 * 3_600_000);
    let accounts = sim.control("GET", "/graph/_accounts", None).await;
    let tokens: Vec<_> = accounts["data"].as_array().expect("data").iter().collect();
    assert!(tokens.iter().any(|account| account["accessToken"] == other["accessToken"]));
    let edge = format!("/v25.0/{DEFAULT_WABA_ID}/subscribed_apps");
    assert_eq!(sim.get(&edge).await.json()["data"].as_array().map(Vec::len), Some(1));
    sim.stop().await;
}
