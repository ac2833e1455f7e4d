//! The simulated Meta misbehaves when told to.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::meta_kit::{ANA, Sim, template, text};

fn rule(on: &str, times: u32, action: Value) -> Value {
    json!([{"on": on, "times": times, "do": action}])
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer() {
    let sim = Sim::start().await;
    sim.script(rule("messages", 1, json!({"dropAfterAccept": true}))).await;
    let lost = sim.try_send(template(ANA, "Ana")).await.err().expect("no answer");
    assert!(lost.status().is_none() && lost.is_request(), "{lost:?}");
    assert_eq!(sim.accepted().await, 1, "it was accepted all the same");

    sim.script(rule("messages", 1, json!({"dropBefore": true}))).await;
    assert!(sim.try_send(template(ANA, "Ana")).await.is_err());
    assert_eq!(sim.accepted().await, 1, "this one was not");
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200, "and then all is well");
}

#[tokio::test]
async fn dropping_is_a_reset_on_the_wire() {
    let sim = Sim::start().await;
    sim.script(rule("any", 1, json!({"dropBefore": true}))).await;
    let mut socket = TcpStream::connect(sim.address()).await.expect("connects");
    let request = format!("GET /graph/v25.0/me HTTP/1.1\r\nHost: {}\r\n\r\n", sim.address());
    socket.write_all(request.as_bytes()).await.expect("is written");
    let mut answer = Vec::new();
    let error = socket.read_to_end(&mut answer).await.expect_err("a reset");
    assert_eq!((error.kind(), answer.len()), (ErrorKind::ConnectionReset, 0));
}

#[tokio::test]
async fn errors_pages_and_torn_answers_as_scripted() {
    let sim = Sim::start().await;
    sim.script(rule("messages", 1, json!({"fail": {"code": 131_000}}))).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.refusal(), (500, 131_000));
    sim.script(rule("messages", 1, json!({"fail": {"http": 502, "html": true, "accept": true}})))
        .await;
    let page = sim.send(template(ANA, "Ana")).await;
    assert_eq!((page.status, page.text.starts_with("<!DOCTYPE html>")), (502, true));
    assert_eq!(sim.accepted().await, 1, "the second one was accepted behind the page");
    sim.script(rule("messages", 1, json!({"malformed": true}))).await;
    let torn = sim.send(template(ANA, "Ana")).await;
    assert!(serde_json::from_str::<Value>(&torn.text).is_err());
    sim.script(rule("any", 1, json!({"fail": {"code": 4}}))).await;
    assert_eq!(sim.get("/v25.0/me").await.refusal(), (429, 4));

    sim.script(rule("messages", 1, json!({"delayMs": 300}))).await;
    let began = Instant::now();
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    let shown = sim.control("DELETE", "/graph/_script", None).await;
    assert_eq!(shown["rules"], json!([]));
    let bad = json!({"rules": [{"on": "messages", "do": {"explode": true}}]});
    let refused = sim.call("POST", "/graph/_script", None, Some(bad)).await.expect("an answer");
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_status_may_come_before_the_answer() {
    let mut sim = Sim::start().await;
    sim.script(rule("messages", 1, json!({"statusBeforeAnswer": true}))).await;
    let answer = sim.send(template(ANA, "Ana")).await.json();
    let first = sim.app.waiting().expect("the status is here before the answer").value();
    assert_eq!(first["statuses"][0]["id"], answer["messages"][0]["id"]);
}

#[tokio::test]
async fn statuses_fail_double_swap_and_wait_as_scripted() {
    let mut sim = Sim::start().await;
    sim.script(rule("messages", 1, json!({"failStatus": {"code": 131_026}}))).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    let (status, element) = sim.app.next_status().await;
    assert_eq!((status.as_str(), &element["errors"][0]["code"]), ("failed", &json!(131_026)));
    let phone = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(phone["messages"], json!([]), "it never reached the person");

    sim.script(rule("status", 1, json!({"duplicate": 2}))).await;
    sim.send(template(ANA, "Ana")).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(sim.app.next_status().await.0);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["delivered", "delivered", "sent", "sent"]);

    sim.script(rule("status", 1, json!({"reorder": true}))).await;
    sim.send(template(ANA, "Ana")).await;
    assert_eq!(sim.app.next_status().await.0, "delivered");
    assert_eq!(sim.app.next_status().await.0, "sent");

    sim.script(rule("status", 1, json!({"holdStatuses": true}))).await;
    sim.send(template(ANA, "Ana")).await;
    assert_eq!(sim.control("GET", "/graph/_webhooks", None).await["held"], 2);
    sim.control("DELETE", "/graph/_script", None).await;
    sim.app.next_status().await;
    sim.app.next_status().await;
}

#[tokio::test]
async fn webhooks_double_carry_rubbish_and_overtake_each_other() {
    let mut sim = Sim::start().await;
    sim.script(rule("webhook", 1, json!({"duplicate": 2}))).await;
    sim.writes(ANA, json!({"text": "twice"})).await;
    let (first, second) = (sim.app.next().await, sim.app.next().await);
    assert_eq!(first.raw, second.raw);

    sim.script(rule("webhook", 1, json!({"malformed": true}))).await;
    sim.writes(ANA, json!({"text": "good"})).await;
    let value = sim.app.next().await.value();
    assert_eq!(value["messages"][0]["id"], 12);
    assert_eq!(value["messages"][1]["text"]["body"], "good");

    sim.script(rule("webhook", 1, json!({"reorder": true}))).await;
    let path = format!("/phone/{ANA}/messages");
    sim.control("POST", &path, Some(json!({"text": "first"}))).await;
    sim.writes(ANA, json!({"text": "second"})).await;
    let order = [sim.app.next().await.value(), sim.app.next().await.value()];
    assert_eq!(order[0]["messages"][0]["text"]["body"], "second");
    assert_eq!(order[1]["messages"][0]["text"]["body"], "first");
    assert_eq!(sim.send(text(ANA, "still well")).await.status, 200);
}
