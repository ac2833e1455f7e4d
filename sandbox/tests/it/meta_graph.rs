//! The simulated Graph API: tokens, numbers, subscriptions, registration, templates.

use sandbox::meta::account::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, DEFAULT_WABA_ID};
use sandbox::meta::wire;
use serde_json::{Value, json};

use crate::meta_kit::{ANA, SECRET, Sim, template, text};

async fn as_token(sim: &Sim, token: Option<&str>, path: &str) -> (u16, u64) {
    sim.call("GET", &format!("/graph{path}"), token, None).await.expect("an answer").refusal()
}

#[tokio::test]
async fn a_token_opens_its_own_account_and_nothing_else() {
    let sim = Sim::start().await;
    let other = sim.control("POST", "/graph/_accounts", Some(json!({"name": "Other"}))).await;
    let theirs = other["accessToken"].as_str().expect("a token");
    assert!(theirs.starts_with("EAA"));
    let number = format!("/v25.0/{DEFAULT_PHONE_NUMBER_ID}");

    assert_eq!(as_token(&sim, None, &number).await, (401, 104));
    assert_eq!(as_token(&sim, Some("EAAnothing"), &number).await, (401, 190));
    let foreign = sim.call("GET", &format!("/graph{number}"), Some(theirs), None).await;
    let foreign = foreign.expect("an answer");
    assert_eq!(foreign.refusal(), (400, 100));
    assert_eq!(foreign.json()["error"]["error_subcode"], 33);
    assert_eq!(foreign.json()["error"]["type"], "GraphMethodException");
    assert!(foreign.headers.contains_key("www-authenticate"));
    assert!(foreign.text.contains("https:\\/\\/developers"), "{}", foreign.text);

    let own =
        sim.get(&format!("{number}?fields=id,display_phone_number,throughput{{level}}")).await;
    assert_eq!(
        own.json(),
        json!({"id": DEFAULT_PHONE_NUMBER_ID,
        "display_phone_number": "+1 555-078-3881", "throughput": {"level": "STANDARD"}})
    );
    assert_eq!(own.headers["facebook-api-version"], "v25.0");
    assert!(own.headers.contains_key("x-app-usage") && own.headers.contains_key("x-fb-trace-id"));
    let usage = own.headers["x-business-use-case-usage"].to_str().expect("text");
    assert!(usage.contains(DEFAULT_WABA_ID), "{usage}");

    let old = sim.get(&format!("/v19.0/{DEFAULT_PHONE_NUMBER_ID}")).await;
    assert_eq!(old.headers["facebook-api-version"], "v21.0");
    assert_eq!(sim.get(&format!("{number}?fields=nonsense")).await.refusal(), (400, 100));
    assert_eq!(sim.get("/v25.0/nowhere/at/all").await.refusal(), (400, 2500));

    let path = format!("/graph/_accounts/{theirs}");
    sim.control("DELETE", &path, None).await;
    assert_eq!(as_token(&sim, Some(theirs), &number).await, (401, 190));
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_the_right_one_is_not() {
    let sim = Sim::start().await;
    let right = wire::app_secret_proof(SECRET, DEFAULT_TOKEN);
    let path = |proof: &str| format!("/v25.0/{DEFAULT_WABA_ID}?appsecret_proof={proof}");
    assert_eq!(sim.get(&path(&right)).await.status, 200);
    assert_eq!(sim.get(&path("00")).await.refusal(), (400, 100));
}

#[tokio::test]
async fn the_app_learns_what_a_token_is_good_for() {
    let sim = Sim::start().await;
    let app_id = sim.world.app_id().to_owned();
    let grant = |secret: &str| {
        format!(
            "/graph/v25.0/oauth/access_token?grant_type=client_credentials\
             &client_id={app_id}&client_secret={secret}"
        )
    };
    let refused = sim.call("GET", &grant("wrong"), None, None).await.expect("an answer");
    assert_eq!(refused.refusal(), (400, 1));
    let granted = sim.control("GET", &grant(SECRET), None).await;
    let app_token = granted["access_token"].as_str().expect("a token");

    let debug = async |token: &str| -> Value {
        let path = format!("/graph/v25.0/debug_token?input_token={token}");
        let answer = sim.call("GET", &path, Some(app_token), None).await.expect("an answer");
        assert_eq!(answer.status, 200);
        answer.json()["data"].clone()
    };
    let good = debug(DEFAULT_TOKEN).await;
    assert_eq!((&good["is_valid"], &good["app_id"]), (&json!(true), &json!(app_id)));
    assert_eq!(good["granular_scopes"][1]["target_ids"], json!([DEFAULT_WABA_ID]));
    let bad = debug("EAAnothing").await;
    assert_eq!((&bad["is_valid"], &bad["error"]["code"]), (&json!(false), &json!(190)));

    let path = format!("/graph/_accounts/{DEFAULT_WABA_ID}/tokens");
    let short = sim.control("POST", &path, Some(json!({"expiresInSeconds": 3600}))).await;
    let short = short["accessToken"].as_str().expect("a token");
    assert_eq!(debug(short).await["is_valid"], true);
    sim.control("POST", "/graph/_clock", Some(json!({"advance": "2h"}))).await;
    assert_eq!(debug(short).await["error"]["subcode"], 463);
}

#[tokio::test]
async fn a_number_registers_with_its_pin_before_it_sends() {
    let sim = Sim::start().await;
    let wanted = json!({"registered": false, "pin": "123456"});
    let account = sim.control("POST", "/graph/_accounts", Some(wanted)).await;
    let token = account["accessToken"].as_str().expect("a token");
    let number = account["phoneNumberId"].as_str().expect("an id");
    let post = async |edge: &str, body: Value| {
        let path = format!("/graph/v25.0/{number}/{edge}");
        sim.call("POST", &path, Some(token), Some(body)).await.expect("an answer")
    };
    let pin = |pin: &str| json!({"messaging_product": "whatsapp", "pin": pin});
    assert_eq!(post("messages", template(ANA, "Ana")).await.refusal(), (400, 133_010));
    assert_eq!(post("register", pin("12")).await.refusal(), (400, 100));
    assert_eq!(post("register", pin("000000")).await.refusal(), (400, 133_005));
    assert_eq!(post("register", pin("123456")).await.json(), json!({"success": true}));
    assert_eq!(post("messages", template(ANA, "Ana")).await.status, 200);
    for _ in 0..8 {
        post("register", pin("123456")).await;
    }
    assert_eq!(post("register", pin("123456")).await.refusal(), (400, 133_016));
}

#[tokio::test]
async fn templates_come_in_pages_and_the_last_has_no_next() {
    let sim = Sim::start().await;
    let edge = format!("/v25.0/{DEFAULT_WABA_ID}/message_templates");
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let page = sim.get(&format!("{edge}?limit=3&after={after}")).await.json();
        for template in page["data"].as_array().expect("data") {
            names.push(template["name"].as_str().expect("a name").to_owned());
        }
        let Some(next) = page["paging"].get("next") else { break };
        assert!(next.as_str().is_some_and(|next| next.contains(&edge)), "{next}");
        after = page["paging"]["cursors"]["after"].as_str().expect("a cursor").to_owned();
    }
    assert_eq!(names, ["initiate", "reengage", "interview_reminder", "offer_details"]);
    let approved = sim.get(&format!("{edge}?status=APPROVED&fields=name")).await.json();
    assert_eq!(approved["data"].as_array().map(Vec::len), Some(3));

    let path = format!("/graph/_accounts/{DEFAULT_WABA_ID}/templates");
    let paused = json!({"name": "initiate", "language": "en_US", "status": "PAUSED",
        "components": [{"type": "BODY", "text": "Hi {{1}}"}]});
    sim.control("POST", &path, Some(paused)).await;
    assert_eq!(sim.send(template(ANA, "Ana")).await.refusal(), (400, 132_015));
}

#[tokio::test]
async fn without_a_subscription_nothing_is_told() {
    let mut sim = Sim::start().await;
    let edge = format!("/v25.0/{DEFAULT_WABA_ID}/subscribed_apps");
    let listed = sim.get(&edge).await.json();
    assert_eq!(listed["data"][0]["whatsapp_business_api_data"]["id"], sim.world.app_id());
    let path = format!("/graph{edge}");
    let gone = sim.call("DELETE", &path, Some(DEFAULT_TOKEN), None).await.expect("an answer");
    assert_eq!(gone.json(), json!({"success": true}));
    assert_eq!(sim.get(&edge).await.json(), json!({"data": []}));

    let path = format!("/phone/{ANA}/messages");
    let told = sim.control("POST", &path, Some(json!({"text": "hi"}))).await;
    assert_eq!(told["queued"], false);
    assert_eq!(sim.send(text(ANA, "hello")).await.status, 200, "the window is open all the same");
    assert_eq!(sim.control("GET", "/graph/_webhooks", None).await["pending"], 0);
    assert!(sim.app.waiting().is_none());
}
