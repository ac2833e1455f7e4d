//! Exchanges and tokens that are not as they should be, by script.

use std::time::{Duration, Instant};

use sandbox::meta::wire;
use serde_json::{Value, json};

use super::{Desk, refusal, text};
use crate::meta_kit::{ANA, SECRET, template};

#[tokio::test]
async fn a_scope_that_was_not_granted_is_missing_everywhere() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let (waba, id) = (text(&account, "wabaId"), text(&account, "phoneNumberId"));
    desk.on_exchange(json!({"token": {"without": ["whatsapp_business_messaging"]}})).await;
    let token = desk.connected(&account, json!({})).await;
    let granted = desk.debug(&token).await["granular_scopes"].clone();
    let management = json!([{"scope": "whatsapp_business_management", "target_ids": [waba]}]);
    assert_eq!(granted, management);
    let sent =
        desk.call("POST", &format!("/{id}/messages"), &token, Some(template(ANA, "Ana"))).await;
    assert_eq!(refusal(&sent), (403, 10, 0));
    assert_eq!(desk.call("GET", &format!("/{id}"), &token, None).await.status, 200);

    let choice = json!({"scopes": ["whatsapp_business_messaging"]});
    let token = desk.connected(&account, choice).await;
    let sent =
        desk.call("POST", &format!("/{id}/messages"), &token, Some(template(ANA, "Ana"))).await;
    assert_eq!(sent.status, 200);
    let register = json!({"messaging_product": "whatsapp", "pin": "123456"});
    for (method, path, body) in [
        ("GET", format!("/{waba}/phone_numbers"), None),
        ("GET", format!("/{waba}/message_templates"), None),
        ("POST", format!("/{waba}/subscribed_apps"), None),
        ("GET", format!("/{id}"), None),
        ("GET", format!("/{waba}"), None),
        ("POST", format!("/{id}/register"), Some(register)),
    ] {
        let answer = desk.call(method, &path, &token, body).await;
        assert_eq!(refusal(&answer), (403, 10, 0), "{method} {path}");
    }
}

#[tokio::test]
async fn a_token_may_belong_to_another_app() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    desk.on_exchange(json!({"token": {"appId": "4242"}})).await;
    let token = desk.connected(&account, json!({})).await;
    let data = desk.debug(&token).await;
    assert_eq!((&data["app_id"], &data["is_valid"]), (&json!("4242"), &json!(true)));
    let proof = wire::app_secret_proof(SECRET, &token);
    let path = format!("/{}", text(&account, "wabaId"));
    let proven = desk.call("GET", &format!("{path}?appsecret_proof={proof}"), &token, None).await;
    assert_eq!(refusal(&proven), (400, 100, 0), "our secret proves nothing here");
    assert_eq!(
        desk.debug(&desk.connected(&account, json!({})).await).await["app_id"],
        desk.sim.world.app_id()
    );
}

#[tokio::test]
async fn answers_about_tokens_may_say_less() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    desk.on_exchange(json!({"token": {"bare": true, "withoutTargets": true}})).await;
    let code = text(&desk.popup(&account, json!({})).await, "code");
    let answer = desk.exchange(&code, None).await.json();
    assert_eq!(answer.as_object().expect("an object").len(), 1, "{answer}");
    let data = desk.debug(&text(&answer, "access_token")).await;
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
    assert_eq!(data["granular_scopes"], json!(scopes.map(|scope| json!({"scope": scope}))));

    let for_ever = desk.popup(&account, json!({"expiresInSeconds": 0})).await;
    let answer = desk.exchange(&text(&for_ever, "code"), None).await.json();
    assert!(answer.get("expires_in").is_none(), "{answer}");
    assert_eq!(desk.debug(&text(&answer, "access_token")).await["expires_at"], 0);

    desk.on_exchange(json!({"token": {"revoked": true}})).await;
    let token = desk.connected(&account, json!({})).await;
    let data = desk.debug(&token).await;
    assert_eq!((&data["is_valid"], &data["error"]["subcode"]), (&json!(false), &json!(458)));
    assert_eq!(data["error"]["code"], 190);
}

#[tokio::test]
async fn an_exchange_whose_answer_is_lost_has_spent_the_code() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let fresh = async || text(&desk.popup(&account, json!({})).await, "code");
    let ways: [Value; 2] = [json!({"dropAfterAccept": true}), json!({"malformed": true})];
    for way in ways {
        let code = fresh().await;
        desk.on_exchange(way.clone()).await;
        let lost = desk.try_exchange(&code, None).await;
        let told = lost.is_ok_and(|answer| serde_json::from_str::<Value>(&answer.text).is_ok());
        assert!(!told, "{way}");
        assert_eq!(refusal(&desk.exchange(&code, None).await), (400, 100, 36_009), "{way}");
    }
    let code = fresh().await;
    desk.on_exchange(json!({"fail": {"http": 502, "html": true, "accept": true}})).await;
    assert_eq!(desk.exchange(&code, None).await.status, 502);
    assert_eq!(refusal(&desk.exchange(&code, None).await), (400, 100, 36_009));

    let code = fresh().await;
    desk.on_exchange(json!({"dropBefore": true})).await;
    assert!(desk.try_exchange(&code, None).await.is_err());
    desk.on_exchange(json!({"fail": {"code": 2}})).await;
    assert_eq!(refusal(&desk.exchange(&code, None).await), (503, 2, 0));
    desk.on_exchange(json!({"fail": {"code": 100, "subcode": 36_007}})).await;
    assert_eq!(refusal(&desk.exchange(&code, None).await), (400, 100, 36_007));
    desk.on_exchange(json!({"delayMs": 300})).await;
    let began = Instant::now();
    assert_eq!(desk.exchange(&code, None).await.status, 200, "nothing had happened before");
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn every_step_of_onboarding_can_break_by_itself() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let token = desk.connected(&account, json!({})).await;
    let waba = text(&account, "wabaId");
    let rule = json!({"on": "any", "path": "subscribed_apps", "method": "POST", "times": 1,
                      "do": {"fail": {"code": 2}}});
    desk.sim.script(json!([rule])).await;
    let edge = format!("/{waba}/subscribed_apps");
    assert_eq!(desk.call("GET", &edge, &token, None).await.status, 200);
    let numbers = format!("/{waba}/phone_numbers");
    assert_eq!(desk.call("GET", &numbers, &token, None).await.status, 200);
    assert_eq!(refusal(&desk.call("POST", &edge, &token, None).await), (503, 2, 0));
    assert_eq!(desk.call("POST", &edge, &token, None).await.status, 200);
}

#[tokio::test]
async fn proofs_are_demanded_when_the_app_says_so() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let token = text(&account, "accessToken");
    let path = format!("/{}", text(&account, "wabaId"));
    desk.sim.control("PATCH", "/graph/_app", Some(json!({"requireProof": true}))).await;
    let bare = desk.call("GET", &path, &token, None).await;
    assert_eq!(refusal(&bare), (400, 100, 0));
    assert_eq!(bare.json()["error"]["type"], "GraphMethodException");
    let proof = wire::app_secret_proof(SECRET, &token);
    let proven = desk.call("GET", &format!("{path}?appsecret_proof={proof}"), &token, None).await;
    assert_eq!(proven.status, 200);
    assert_eq!(desk.debug(&token).await["is_valid"], true, "the app itself needs none");
}
