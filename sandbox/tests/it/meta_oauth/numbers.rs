//! Accounts with no number, one, or several.

use serde_json::{Value, json};

use super::{Desk, refusal, text};
use crate::meta_kit::{ANA, template};

#[tokio::test]
async fn an_account_has_as_many_numbers_as_it_has() {
    let desk = Desk::open().await;
    let bare = desk.customer(json!({"numbers": 0})).await;
    assert_eq!((&bare["phoneNumberId"], &bare["numbers"]), (&Value::Null, &json!([])));
    let token = text(&bare, "accessToken");
    let edge = format!("/{}/phone_numbers", text(&bare, "wabaId"));
    let none = desk.call("GET", &edge, &token, None).await;
    assert_eq!((none.status, none.json()), (200, json!({"data": []})));

    let path = format!("/graph/_accounts/{}/numbers", text(&bare, "wabaId"));
    let late = json!({"phone": "+44 20 7946 0000", "registered": false});
    let added = desk.sim.control("POST", &path, Some(late.clone())).await;
    assert_eq!((&added["phone"], &added["registered"]), (&json!("442079460000"), &json!(false)));
    let twice = desk.sim.call("POST", &path, None, Some(late)).await.expect("an answer");
    assert_eq!(twice.status, 409);
    let one = desk.call("GET", &format!("{edge}?fields=id,status"), &token, None).await.json();
    assert_eq!(one["data"], json!([{"id": added["phoneNumberId"], "status": "PENDING"}]));

    let gone = format!("{path}/{}", text(&added, "phoneNumberId"));
    desk.sim.control("DELETE", &gone, None).await;
    assert_eq!(desk.call("GET", &edge, &token, None).await.json(), json!({"data": []}));
    let node = desk.call("GET", &format!("/{}", text(&added, "phoneNumberId")), &token, None).await;
    assert_eq!(refusal(&node), (400, 100, 33));
}

#[tokio::test]
async fn several_numbers_come_in_pages_and_all_send() {
    let mut desk = Desk::open().await;
    desk.sim.settings(json!({"statuses": "off", "accountUpdates": "off"})).await;
    let account = desk.customer(json!({"numbers": 5})).await;
    let waba = text(&account, "wabaId");
    let token = desk.connected(&account, json!({})).await;
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/{waba}/phone_numbers?limit=2&after={after}");
        let page = desk.call("GET", &path, &token, None).await.json();
        let data = page["data"].as_array().expect("data");
        assert!(data.len() <= 2);
        ids.extend(data.iter().map(|number| text(number, "id")));
        let Some(_) = page["paging"].get("next") else { break };
        after = text(&page["paging"]["cursors"], "after");
    }
    let told = account["numbers"].as_array().expect("numbers");
    assert_eq!(ids, told.iter().map(|number| text(number, "phoneNumberId")).collect::<Vec<_>>());

    for id in &ids {
        let sent =
            desk.call("POST", &format!("/{id}/messages"), &token, Some(template(ANA, "Ana"))).await;
        assert_eq!(sent.status, 200);
        let ledger =
            desk.sim.control("GET", &format!("/graph/_ledger?phoneNumberId={id}"), None).await;
        assert_eq!(ledger["count"], 1);
    }
    let path = format!("/{waba}/subscribed_apps");
    assert_eq!(desk.call("POST", &path, &token, None).await.status, 200);
    desk.sim.writes(ANA, json!({"text": "hi", "phoneNumberId": ids[3]})).await;
    let webhook = desk.sim.app.next().await;
    assert_eq!(webhook.value()["metadata"]["phone_number_id"], ids[3], "one subscription for all");
}

#[tokio::test]
async fn a_number_is_registered_with_its_pin_once_it_is_verified() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({"registered": false, "pin": "123456"})).await;
    let token = desk.connected(&account, json!({})).await;
    let (waba, id) = (text(&account, "wabaId"), text(&account, "phoneNumberId"));
    let register = async |pin: &str| {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        desk.call("POST", &format!("/{id}/register"), &token, Some(body)).await
    };
    let is = async |is: Value| {
        let path = format!("/graph/_accounts/{waba}/numbers/{id}");
        desk.sim.control("PATCH", &path, Some(is)).await
    };
    let unsent =
        desk.call("POST", &format!("/{id}/messages"), &token, Some(template(ANA, "Ana"))).await;
    assert_eq!(refusal(&unsent), (400, 133_010, 0));
    assert_eq!(refusal(&register("000000").await), (400, 133_005, 0));
    is(json!({"codeVerified": false})).await;
    assert_eq!(refusal(&register("123456").await), (400, 133_006, 0));
    is(json!({"codeVerified": true, "pin": ""})).await;
    assert_eq!(register("000000").await.status, 200, "without a PIN the first one is set");
    let sent =
        desk.call("POST", &format!("/{id}/messages"), &token, Some(template(ANA, "Ana"))).await;
    assert_eq!(sent.status, 200);

    is(json!({"onBizApp": true})).await;
    let session = desk.popup(&account, json!({})).await["session"].clone();
    assert_eq!(session["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING");
    let field = format!("/{id}?fields=is_on_biz_app");
    assert_eq!(desk.call("GET", &field, &token, None).await.json()["is_on_biz_app"], true);
    register("000000").await;
    let node = desk.call("GET", &field, &token, None).await.json();
    assert_eq!(node["is_on_biz_app"], false, "a registration takes it out of the app");
}

#[tokio::test]
async fn a_consent_may_name_several_accounts() {
    let desk = Desk::open().await;
    let (one, two) = (desk.customer(json!({})).await, desk.customer(json!({})).await);
    let third = desk.customer(json!({})).await;
    let (a, b) = (text(&one, "wabaId"), text(&two, "wabaId"));
    let token = desk.connected(&one, json!({"moreWabaIds": [b]})).await;
    let data = desk.debug(&token).await;
    assert_eq!(data["granular_scopes"][0]["target_ids"], json!([a, b]));
    for waba in [&a, &b] {
        let path = format!("/{waba}/phone_numbers");
        assert_eq!(desk.call("GET", &path, &token, None).await.status, 200);
    }
    let foreign = format!("/{}/phone_numbers", text(&third, "wabaId"));
    assert_eq!(refusal(&desk.call("GET", &foreign, &token, None).await), (400, 100, 33));
}
