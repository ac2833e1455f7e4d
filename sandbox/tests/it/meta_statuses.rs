//! What Meta reports of a message, in every order and with every word.

use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, template, text};

/// Sends a template under this plan; the statuses in the order of their arrival.
async fn reported(sim: &mut Sim, plan: Value) -> Vec<Value> {
    let count = plan.as_array().expect("a plan").len();
    sim.script(json!([{"on": "status", "times": 1, "do": {"statuses": plan}}])).await;
    sim.send(template(ANA, "Ana")).await;
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(sim.app.next().await.value());
    }
    seen
}

fn words(values: &[Value]) -> Vec<&str> {
    values.iter().map(|value| value["statuses"][0]["status"].as_str().expect("a word")).collect()
}

#[tokio::test]
async fn any_course_can_be_scripted() {
    let mut sim = Sim::start().await;
    let seen = reported(&mut sim, json!(["read"])).await;
    assert_eq!(words(&seen), ["read"], "neither sent nor delivered");
    assert!(seen[0]["statuses"][0]["pricing"].is_object(), "then the price is told here");

    let failed = json!({"status": "failed", "code": 131_049});
    let late = json!({"status": "delivered", "afterMs": 700});
    let seen = reported(&mut sim, json!(["sent", failed, late])).await;
    let mut kinds = words(&seen);
    assert_eq!(kinds.last(), Some(&"delivered"), "delivered after failed");
    kinds.sort_unstable();
    assert_eq!(kinds, ["delivered", "failed", "sent"]);
    for value in &seen {
        let element = &value["statuses"][0];
        let is_failure = element["status"] == "failed";
        assert_eq!(value.get("contacts").is_none(), is_failure);
        assert_eq!(element.get("recipient_user_id").is_none(), is_failure, "sent to a number");
        assert_eq!(element.get("pricing").is_none(), is_failure);
        assert_eq!(element["recipient_id"], ANA);
    }
    for word in ["played", "warning", "deleted", "teleported"] {
        assert_eq!(words(&reported(&mut sim, json!([word])).await), [word]);
    }
    let plan = json!(["sent", {"status": "sent", "afterMs": 300_000}]);
    sim.script(json!([{"on": "messages", "times": 1, "do": {"statuses": plan}}])).await;
    sim.send(template(ANA, "Ana")).await;
    let first = sim.app.next_status().await.1;
    assert!(sim.app.waiting().is_none(), "minutes apart");
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "5m"}))).await;
    let second = sim.app.next_status().await.1;
    assert_eq!((&first["id"], &first["status"]), (&second["id"], &second["status"]));
    assert_ne!(first["timestamp"], second["timestamp"]);
}

#[tokio::test]
async fn the_price_is_told_twice_and_conversations_only_of_old() {
    let mut sim = Sim::start().await;
    let plan = json!(["sent", "delivered", "read"]);
    for (version, old) in [(25, false), (23, true)] {
        sim.settings(json!({"webhookVersion": version})).await;
        for value in reported(&mut sim, plan.clone()).await {
            let element = &value["statuses"][0];
            let (status, priced) = (&element["status"], element.get("pricing").is_some());
            assert_eq!(priced, status != "read");
            assert_eq!(element.get("conversation").is_some(), old && priced, "{element}");
            let ends = element["conversation"]["expiration_timestamp"].is_string();
            assert_eq!(ends, old && status == "sent");
        }
    }
    let seen = reported(&mut sim, json!(["sent"])).await;
    let price = &seen[0]["statuses"][0]["pricing"];
    assert_eq!(
        (&price["category"], &price["pricing_model"], &price["type"]),
        (&json!("marketing"), &json!("PMP"), &json!("regular"))
    );
}

#[tokio::test]
async fn a_portfolio_reaches_only_so_many_people_a_day() {
    let mut sim = Sim::start().await;
    sim.settings(json!({"portfolioLimit": 1})).await;
    sim.script(json!([{"on": "status", "do": {"statuses": ["sent"]}}])).await;
    let waba = sandbox::meta::account::DEFAULT_WABA_ID;
    let path = format!("/graph/_accounts/{waba}/numbers");
    let second = sim.control("POST", &path, Some(json!({}))).await["phoneNumberId"].clone();
    sim.send(template(ANA, "Ana")).await;
    assert_eq!(sim.app.next_status().await.0, "sent");
    let path = format!("/v25.0/{}/messages", second.as_str().expect("an id"));
    assert_eq!(sim.post(&path, template("16505550000", "Ben")).await.status, 200);
    let (status, element) = sim.app.next_status().await;
    assert_eq!((status.as_str(), &element["errors"][0]["code"]), ("failed", &json!(131_048)));
    sim.writes("16505550000", json!({"text": "hi"})).await;
    sim.app.next().await;
    sim.send(text("16505550000", "an answer is free")).await;
    assert_eq!(sim.app.next_status().await.0, "sent");
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "25h"}))).await;
    sim.send(template("16505550009", "Carla")).await;
    assert_eq!(sim.app.next_status().await.0, "sent");
}

#[tokio::test]
async fn a_file_of_another_kind_fails_afterwards() {
    let mut sim = Sim::start().await;
    sim.writes(ANA, json!({"text": "hi"})).await;
    sim.app.next().await;
    let id = sim.upload("text/plain", b"no film").await.json()["id"].clone();
    let body = json!({"messaging_product": "whatsapp", "to": ANA, "type": "video",
        "video": {"id": id}});
    assert_eq!(sim.send(body).await.status, 200);
    let (status, element) = sim.app.next_status().await;
    assert_eq!((status.as_str(), &element["errors"][0]["code"]), ("failed", &json!(131_053)));
    assert_eq!(
        element["errors"][0]["error_data"]["details"],
        "Unsupported video mime type text/plain"
    );
}
