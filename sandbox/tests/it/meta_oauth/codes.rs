//! Codes of the popup: once, in time, by the right app.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use super::{BACK, Desk, refusal, text};
use crate::meta_kit::SECRET;

#[tokio::test]
async fn the_popup_reports_a_number_or_only_an_account() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let (waba, number) = (text(&account, "wabaId"), text(&account, "phoneNumberId"));
    let done = desk.popup(&account, json!({})).await;
    assert_eq!(
        (&done["session"]["type"], &done["session"]["event"]),
        (&json!("WA_EMBEDDED_SIGNUP"), &json!("FINISH"))
    );
    let data = &done["session"]["data"];
    assert_eq!((text(data, "waba_id"), text(data, "phone_number_id")), (waba.clone(), number));
    assert_eq!(data["business_id"], account["businessId"]);

    let only = desk.popup(&account, json!({"onlyWaba": true})).await;
    assert_eq!(only["session"]["event"], "FINISH_ONLY_WABA");
    assert!(only["session"]["data"].get("phone_number_id").is_none());
    let bare = desk.customer(json!({"numbers": 0})).await;
    let bare = desk.popup(&bare, json!({})).await;
    assert_eq!(bare["session"]["event"], "FINISH_ONLY_WABA");
    let path = "/graph/_accounts/1/codes";
    let unknown = desk.sim.call("POST", path, None, Some(json!({}))).await.expect("an answer");
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_code_buys_one_token_that_opens_the_account() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let waba = text(&account, "wabaId");
    let code = text(&desk.popup(&account, json!({})).await, "code");
    let answer = desk.exchange(&code, None).await.json();
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&json!("bearer"), &json!(5_184_000))
    );
    let token = text(&answer, "access_token");

    let data = desk.debug(&token).await;
    assert_eq!(data["app_id"], desk.sim.world.app_id());
    assert_eq!((&data["is_valid"], &data["user_id"]), (&json!(true), &account["userId"]));
    assert_eq!(data["granular_scopes"][0]["target_ids"], json!([waba]));
    let life =
        data["expires_at"].as_i64().expect("a time") - data["issued_at"].as_i64().expect("a time");
    assert_eq!(life, 5_184_000);
    assert_eq!(desk.call("GET", &format!("/{waba}"), &token, None).await.status, 200);
    let other = desk.customer(json!({})).await;
    let foreign = desk.call("GET", &format!("/{}", text(&other, "wabaId")), &token, None).await;
    assert_eq!(refusal(&foreign), (400, 100, 33));

    assert_eq!(refusal(&desk.exchange(&code, None).await), (400, 100, 36_009));
    desk.advance("61d").await;
    assert_eq!(desk.debug(&token).await["error"]["subcode"], 463);
    let late = desk.call("GET", &format!("/{waba}"), &token, None).await;
    assert_eq!(refusal(&late), (401, 190, 463));
}

#[tokio::test]
async fn a_code_is_over_after_thirty_seconds_of_business_time() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let [in_time, late] =
        [desk.popup(&account, json!({})).await, desk.popup(&account, json!({})).await];
    desk.advance("10s").await;
    assert_eq!(desk.exchange(&text(&in_time, "code"), None).await.status, 200);
    desk.advance("20s").await;
    assert_eq!(refusal(&desk.exchange(&text(&late, "code"), None).await), (400, 100, 36_007));
    let used = desk.exchange(&text(&in_time, "code"), None).await;
    assert_eq!(refusal(&used), (400, 100, 36_009), "used outweighs expired");
}

#[tokio::test]
async fn wrong_exchanges_are_refused_and_spend_nothing() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let code = text(&desk.popup(&account, json!({})).await, "code");
    let with_address = desk.exchange(&code, Some(BACK)).await;
    assert_eq!(refusal(&with_address), (400, 100, 36_008), "the popup has no address");
    assert_eq!(refusal(&desk.exchange("AQnothing", None).await), (400, 100, 0));

    let path = "/v25.0/oauth/access_token";
    let app = desk.sim.world.app_id().to_owned();
    let wrong_secret = [("client_id", &*app), ("client_secret", "wrong"), ("code", &code)];
    assert_eq!(refusal(&desk.form(path, &wrong_secret).await), (400, 1, 0));
    let wrong_app = [("client_id", "1"), ("client_secret", SECRET), ("code", &code)];
    assert_eq!(refusal(&desk.form(path, &wrong_app).await), (400, 1, 0));
    let no_secret = [("client_id", &*app), ("code", &code)];
    assert_eq!(refusal(&desk.form(path, &no_secret).await), (400, 100, 0));

    let by_form = desk.form(path, &desk.credentials(&code, None)).await;
    assert_eq!(by_form.status, 200, "a form does as well: {}", by_form.text);
}

#[tokio::test]
async fn of_many_exchanges_at_once_exactly_one_wins() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    for _ in 0..4 {
        let code = text(&desk.popup(&account, json!({})).await, "code");
        let answers = join_all((0..32).map(|_| desk.exchange(&code, None))).await;
        let mut outcomes: BTreeMap<(u16, u64), u32> = BTreeMap::new();
        for answer in &answers {
            let outcome = match answer.status {
                200 => (200, 0),
                _ => (answer.status, refusal(answer).2),
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([((200, 0), 1), ((400, 36_009), 31)]));
    }
}
