//! Who a candidate is: known by number, by user id, by both; and how that changes.

use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, template, text};

const NEW: &str = "16505557777";

async fn writes(sim: &mut Sim, number: &str, body: Value) -> Value {
    sim.writes(number, body).await;
    sim.app.next().await.value()
}

async fn is_known(sim: &Sim, how: Value) {
    sim.control("PATCH", &format!("/phone/{ANA}"), Some(how)).await;
}

#[tokio::test]
async fn meta_tells_what_may_be_known_and_omits_the_rest() {
    let mut sim = Sim::start().await;
    let plain = writes(&mut sim, ANA, json!({"text": "hi"})).await;
    assert_eq!(
        (&plain["messages"][0]["from"], &plain["contacts"][0]["wa_id"]),
        (&json!(ANA), &json!(ANA))
    );
    let user = plain["contacts"][0]["user_id"].clone();

    is_known(&sim, json!({"username": "@ana.m", "hidden": true, "parent": true})).await;
    let hidden = writes(&mut sim, ANA, json!({"text": "hi"})).await;
    let (contact, message) = (&hidden["contacts"][0], &hidden["messages"][0]);
    assert!(contact.get("wa_id").is_none() && message.get("from").is_none());
    assert_eq!((&contact["user_id"], &message["from_user_id"]), (&user, &user));
    assert_eq!(contact["profile"]["username"], "@ana.m");
    let parent = contact["parent_user_id"].as_str().expect("a parent");
    assert!(parent.starts_with("US.ENT."), "{parent}");
    assert_eq!(message["from_parent_user_id"], parent);

    is_known(&sim, json!({"disguised": true, "username": null})).await;
    let disguised = writes(&mut sim, ANA, json!({"text": "hi"})).await;
    assert_eq!(
        (&disguised["messages"][0]["from"], &disguised["contacts"][0]["wa_id"]),
        (&user, &user)
    );
    assert!(disguised["contacts"][0]["profile"].get("username").is_none());
    let shown = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(
        (&shown["identity"]["hidden"], &shown["identity"]["username"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn statuses_tell_a_number_only_to_whom_it_is_known() {
    let mut sim = Sim::start().await;
    is_known(&sim, json!({"username": "ana.m", "hidden": true, "parent": true})).await;
    let value = writes(&mut sim, ANA, json!({"text": "hi"})).await;
    for id in [&value["contacts"][0]["user_id"], &value["contacts"][0]["parent_user_id"]] {
        let body = json!({"messaging_product": "whatsapp", "recipient": id, "type": "text",
            "text": {"body": "hello"}});
        assert_eq!(sim.send(body).await.status, 200);
        for _ in 0..2 {
            let value = sim.app.next().await.value();
            let (status, contact) = (&value["statuses"][0], &value["contacts"][0]);
            assert!(status.get("recipient_id").is_none() && contact.get("wa_id").is_none());
            assert!(status["recipient_user_id"].is_string());
            assert!(status["recipient_parent_user_id"].is_string());
            let named = contact["profile"].get("username").is_some();
            assert_eq!(named, status["status"] == "delivered");
        }
    }
    sim.send(text(ANA, "by number")).await;
    assert_eq!(sim.app.next_status().await.1["recipient_id"], ANA);
}

#[tokio::test]
async fn a_change_of_number_is_told_and_frees_the_old_one() {
    let mut sim = Sim::start().await;
    let before = writes(&mut sim, ANA, json!({"text": "hi", "name": "Ana"})).await;
    let old_id = before["contacts"][0]["user_id"].clone();
    let path = format!("/phone/{ANA}/number");
    let moved = sim.control("POST", &path, Some(json!({"to": NEW}))).await;
    assert_eq!((&moved["number"], &moved["webhooks"]), (&json!(NEW), &json!(1)));
    let value = sim.app.next().await.value();
    assert!(value.get("contacts").is_none());
    let (message, system) = (&value["messages"][0], &value["messages"][0]["system"]);
    assert_eq!((&message["type"], &message["from"]), (&json!("system"), &json!(ANA)));
    assert_eq!((&system["type"], &system["wa_id"]), (&json!("user_changed_number"), &json!(NEW)));
    assert_eq!(system["previous_user_id"], old_id);
    assert_ne!(system["user_id"], old_id);
    assert_eq!(system["body"], format!("User Ana changed from {ANA} to {NEW}"));

    let after = writes(&mut sim, NEW, json!({"text": "it is me"})).await;
    assert_eq!(after["contacts"][0]["user_id"], system["user_id"]);
    let phone = sim.control("GET", &format!("/phone/{NEW}"), None).await;
    assert_eq!(phone["messages"].as_array().map(Vec::len), Some(2), "the thread moved along");

    let stranger = writes(&mut sim, ANA, json!({"text": "who are you?", "name": "Ben"})).await;
    let stranger = &stranger["contacts"][0]["user_id"];
    assert!(*stranger != old_id && *stranger != system["user_id"], "somebody else");
    let gone = json!({"messaging_product": "whatsapp", "recipient": old_id, "type": "text",
        "text": {"body": "hello"}});
    assert_eq!(sim.send(gone).await.refusal().1, 131_026);
    let taken = sim.call("POST", &path, None, Some(json!({"to": NEW}))).await;
    assert_eq!(taken.expect("an answer").status, 409);
}

#[tokio::test]
async fn user_ids_change_alone_and_in_every_spelling() {
    let mut sim = Sim::start().await;
    let mut known = writes(&mut sim, ANA, json!({"text": "hi"})).await["contacts"][0].clone();
    is_known(&sim, json!({"hidden": true})).await;
    let path = format!("/phone/{ANA}/user-id");
    sim.control("POST", &path, None).await;
    let message = sim.app.next().await.value()["messages"][0].clone();
    assert!(message.get("from").is_none(), "only user ids are known");
    assert_eq!(message["system"]["type"], "user_changed_user_id");
    assert_eq!(message["system"]["previous_user_id"], known["user_id"]);
    assert!(message["system"].get("wa_id").is_none());
    known["user_id"] = message["system"]["user_id"].clone();
    is_known(&sim, json!({"hidden": false})).await;
    for spelling in ["customer_changed_number", "customer_identity_changed"] {
        sim.control("POST", &path, Some(json!({"as": spelling}))).await;
        let system = sim.app.next().await.value()["messages"][0]["system"].clone();
        assert_eq!((&system["type"], system.get("user_id")), (&json!(spelling), None));
        assert_eq!(system["customer"], ANA);
    }
    let now = writes(&mut sim, ANA, json!({"text": "hi"})).await["contacts"][0]["user_id"].clone();
    assert_ne!(now, known["user_id"]);
}

#[tokio::test]
async fn one_human_is_two_in_two_portfolios_and_some_numbers_are_rewritten() {
    let mut sim = Sim::start().await;
    let here = writes(&mut sim, ANA, json!({"text": "hi"})).await["contacts"][0]["user_id"].clone();
    let other = sim.control("POST", "/graph/_accounts", Some(json!({}))).await;
    let subscribe = format!("/graph/v25.0/{}/subscribed_apps", other["wabaId"]).replace('"', "");
    sim.call("POST", &subscribe, other["accessToken"].as_str(), None).await.expect("an answer");
    let there = json!({"text": "hi", "phoneNumberId": other["phoneNumberId"]});
    let there = writes(&mut sim, ANA, there).await["contacts"][0]["user_id"].clone();
    assert_ne!(here, there);

    for (dialled, wa_id) in [
        ("+5551912345678", "555112345678"),
        ("+525512345678", "5215512345678"),
        ("+541112345678", "5491112345678"),
    ] {
        let mut body = template(ANA, "Ana");
        body["to"] = json!(dialled);
        let answer = sim.send(body).await.json();
        assert_eq!(answer["contacts"], json!([{"input": dialled, "wa_id": wa_id}]));
    }
}

#[tokio::test]
async fn who_stops_marketing_gets_none() {
    let mut sim = Sim::start().await;
    writes(&mut sim, ANA, json!({"text": "hi"})).await;
    let path = format!("/phone/{ANA}/preferences");
    sim.control("POST", &path, Some(json!({"marketing": "stop"}))).await;
    let value = sim.app.next().await.value();
    let preference = &value["user_preferences"][0];
    assert_eq!(
        (&preference["value"], &preference["category"], &preference["wa_id"]),
        (&json!("stop"), &json!("marketing_messages"), &json!(ANA))
    );
    assert!(preference["timestamp"].is_i64() && value["metadata"].is_object());
    sim.send(template(ANA, "Ana")).await;
    let (status, element) = sim.app.next_status().await;
    assert_eq!((status.as_str(), &element["errors"][0]["code"]), ("failed", &json!(131_050)));
    sim.send(text(ANA, "but this goes")).await;
    assert_ne!(sim.app.next_status().await.0, "failed");
    sim.app.next_status().await;
    sim.control("POST", &path, Some(json!({"marketing": "resume"}))).await;
    assert_eq!(sim.app.next().await.value()["user_preferences"][0]["value"], "resume");
    sim.send(template(ANA, "Ana")).await;
    assert_ne!(sim.app.next_status().await.0, "failed");
}
