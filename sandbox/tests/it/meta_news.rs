//! What Meta tells beside messages, and that it is true.

use sandbox::meta::account::{DEFAULT_NUMBER, DEFAULT_PHONE_NUMBER_ID, DEFAULT_WABA_ID};
use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, Webhook, template};

async fn told(sim: &mut Sim, news: Value) -> Value {
    let path = format!("/graph/_accounts/{DEFAULT_WABA_ID}/news");
    let answer = sim.control("POST", &path, Some(news.clone())).await;
    assert_eq!(answer["queued"], true, "{news}");
    let Webhook { raw, headers: _ } = sim.app.next().await;
    let body: Value = serde_json::from_str(&raw).expect("JSON");
    let entry = body["entry"][0].clone();
    assert_eq!(entry["changes"][0]["field"], news["field"]);
    assert_eq!(entry["changes"][0]["value"], answer["value"]);
    entry
}

fn of(entry: &Value) -> &Value {
    &entry["changes"][0]["value"]
}

async fn node(sim: &Sim, name: &str) -> Value {
    let path = format!(
        "/v25.0/{DEFAULT_WABA_ID}/message_templates?fields=name,status,category,\
        quality_score,components&name={name}"
    );
    sim.get(&path).await.json()["data"][0].clone()
}

#[tokio::test]
async fn news_of_templates_come_true() {
    let mut sim = Sim::start().await;
    let named = json!({"name": "initiate"});
    let paused = json!({"field": "message_template_status_update", "template": named,
        "value": {"event": "PAUSED", "other_info": {"title": "FIRST_PAUSE"}}});
    let entry = told(&mut sim, paused).await;
    let value = of(&entry);
    assert!(entry["time"].is_i64());
    assert_eq!(value["message_template_language"], "en-US");
    let id = value["message_template_id"].as_u64().expect("a number");
    assert!(id > 1 << 53, "{id}");
    assert_eq!(node(&sim, "initiate").await["id"], id.to_string());
    assert_eq!(sim.send(template(ANA, "Ana")).await.refusal().1, 132_015);
    let again = json!({"field": "message_template_status_update", "template": named,
        "value": {"event": "REINSTATED"}});
    told(&mut sim, again).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    sim.app.next().await;
    sim.app.next().await;

    let red = json!({"field": "message_template_quality_update", "template": named,
        "value": {"new_quality_score": "RED"}});
    assert_eq!(of(&told(&mut sim, red).await)["previous_quality_score"], "UNKNOWN");
    assert_eq!(node(&sim, "initiate").await["quality_score"]["score"], "RED");

    let impending = json!({"field": "template_category_update", "template": named,
        "value": {"correct_category": "UTILITY"}});
    let entry = told(&mut sim, impending).await;
    assert_eq!(of(&entry)["new_category"], "MARKETING", "which is the current one");
    assert!(of(&entry)["category_update_timestamp"].is_i64());
    assert_eq!(node(&sim, "initiate").await["category"], "MARKETING");
    let completed = json!({"field": "template_category_update", "template": named,
        "value": {"new_category": "UTILITY"}});
    assert_eq!(of(&told(&mut sim, completed).await)["previous_category"], "MARKETING");
    assert_eq!(node(&sim, "initiate").await["category"], "UTILITY");

    let changed = json!({"field": "message_template_components_update", "template": named,
        "value": {"message_template_element": "Hello {{1}}!"}});
    assert_eq!(of(&told(&mut sim, changed).await)["message_template_footer"], "LinkoJob");
    assert_eq!(node(&sim, "initiate").await["components"][0]["text"], "Hello {{1}}!");
    let gone = json!({"field": "message_template_status_update", "template": named,
        "value": {"event": "DELETED"}});
    told(&mut sim, gone).await;
    assert_eq!(node(&sim, "initiate").await, Value::Null);
}

#[tokio::test]
async fn news_of_accounts_and_where_they_are_addressed() {
    let mut sim = Sim::start().await;
    let restricted = told(&mut sim, json!({"field": "account_update"})).await;
    assert_eq!(restricted["id"], DEFAULT_WABA_ID);
    assert!(of(&restricted)["restriction_info"][0]["restriction_type"].is_string());
    let ours = sim.control("GET", "/graph/_app", None).await["businessId"].clone();
    for event in ["PARTNER_ADDED", "PARTNER_REMOVED", "AD_ACCOUNT_LINKED", "MM_LITE_TERMS_SIGNED"] {
        let news = json!({"field": "account_update", "value": {"event": event}});
        let entry = told(&mut sim, news).await;
        assert_eq!(entry["id"], ours, "{event}");
        assert_eq!(of(&entry)["waba_info"]["waba_id"], DEFAULT_WABA_ID);
    }
    let ban = |state: &str| {
        json!({"field": "account_update", "value": {"event": "DISABLED_UPDATE",
            "ban_info": {"waba_ban_state": state, "waba_ban_date": "January 31, 2027"}}})
    };
    told(&mut sim, ban("DISABLE")).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.refusal(), (403, 131_031));
    told(&mut sim, ban("REINSTATE")).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.status, 200);
    sim.app.next().await;
    sim.app.next().await;

    for (field, pointer) in [
        ("account_alerts", "/alert_info/alert_severity"),
        ("account_review_update", "/decision"),
        ("business_capability_update", "/max_daily_conversations_per_business"),
        ("phone_number_quality_update", "/current_limit"),
        ("phone_number_name_update", "/decision"),
        ("security", "/event"),
    ] {
        let entry = told(&mut sim, json!({"field": field})).await;
        assert!(of(&entry).pointer(pointer).is_some(), "{entry}");
        assert!(of(&entry).get("metadata").is_none() && entry["time"].is_i64());
        if field.starts_with("phone_number") {
            assert_eq!(of(&entry)["display_phone_number"], DEFAULT_NUMBER);
        }
    }
    sim.settings(json!({"webhookVersion": 23})).await;
    let old = told(&mut sim, json!({"field": "business_capability_update"})).await;
    assert!(of(&old)["max_daily_conversation_per_phone"].is_number());
    let renamed = json!({"field": "phone_number_name_update",
        "value": {"requested_verified_name": "New Name"}});
    told(&mut sim, renamed).await;
    let number = sim.get(&format!("/v25.0/{DEFAULT_PHONE_NUMBER_ID}")).await.json();
    assert_eq!(number["verified_name"], "New Name");
}

#[tokio::test]
async fn a_field_that_nobody_knows_is_told_as_it_is() {
    let mut sim = Sim::start().await;
    let entry = told(&mut sim, json!({"field": "seances", "value": {"ghosts": [1]}})).await;
    assert_eq!(of(&entry), &json!({"ghosts": [1]}));
    let history = json!({"field": "history", "phoneNumberId": DEFAULT_PHONE_NUMBER_ID,
        "value": {"history": [{"metadata": {"phase": 0}}]}});
    let entry = told(&mut sim, history).await;
    assert_eq!(of(&entry)["metadata"]["phone_number_id"], DEFAULT_PHONE_NUMBER_ID);
    assert!(entry.get("time").is_none());
    let path = format!("/graph/_accounts/{DEFAULT_WABA_ID}/news");
    for wrong in [
        json!({"field": "message_template_status_update", "template": {"name": "none"}}),
        json!({"field": "security", "phoneNumberId": "1"}),
    ] {
        let answer = sim.call("POST", &path, None, Some(wrong)).await.expect("an answer");
        assert_eq!(answer.status, 404);
    }
}
