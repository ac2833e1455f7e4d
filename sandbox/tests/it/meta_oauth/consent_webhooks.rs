//! What our app hears by webhook when a customer comes or goes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Desk, text};

/// The next change of field `account_update`: `(entry.id, value)`.
async fn next_update(desk: &mut Desk) -> (String, Value) {
    let body: Value = serde_json::from_str(&desk.sim.app.next().await.raw).expect("JSON");
    let entry = &body["entry"][0];
    assert_eq!(entry["changes"][0]["field"], "account_update", "{body}");
    assert!(entry["time"].is_i64());
    (text(entry, "id"), entry["changes"][0]["value"].clone())
}

#[tokio::test]
async fn consent_is_told_under_our_own_portfolio() {
    let mut desk = Desk::open().await;
    let app = desk.sim.control("GET", "/graph/_app", None).await;
    let account = desk.customer(json!({})).await;
    desk.popup(&account, json!({})).await;
    let mut events = BTreeSet::new();
    for _ in 0..2 {
        let (id, value) = next_update(&mut desk).await;
        assert_eq!(json!(id), app["businessId"], "not the account");
        assert_eq!(
            value["waba_info"],
            json!({
                "waba_id": account["wabaId"], "owner_business_id": account["businessId"],
                "partner_app_id": app["appId"],
            })
        );
        events.insert(text(&value, "event"));
    }
    let both = ["PARTNER_ADDED", "PARTNER_APP_INSTALLED"].map(str::to_owned);
    assert_eq!(events, BTreeSet::from(both));

    desk.sim.settings(json!({"accountUpdates": "off"})).await;
    desk.popup(&account, json!({})).await;
    assert_eq!(desk.sim.control("GET", "/graph/_webhooks", None).await["pending"], 0);
}

#[tokio::test]
async fn a_departure_is_told_under_our_own_portfolio() {
    let mut desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let path = format!("/graph/_accounts/{}/departure", text(&account, "wabaId"));
    let left = desk.sim.control("POST", &path, None).await;
    assert_eq!((&left["tokens"], &left["webhook"]), (&json!(1), &json!(true)));
    assert_eq!((&left["deauthorize"], &left["dataDeletion"]), (&Value::Null, &Value::Null));
    let (id, value) = next_update(&mut desk).await;
    assert_ne!(json!(id), account["wabaId"]);
    assert_eq!(value["event"], "PARTNER_APP_UNINSTALLED");
    assert_eq!(value["waba_info"]["waba_id"], account["wabaId"]);

    let why = json!({"reason": "ACCOUNT_DISCONNECTED", "initiatedBy": "USER"});
    let removed = json!({"event": "PARTNER_REMOVED", "disconnection": why});
    desk.sim.control("POST", &path, Some(removed)).await;
    let (_, value) = next_update(&mut desk).await;
    assert_eq!(value["event"], "PARTNER_REMOVED");
    let told = json!({"reason": "ACCOUNT_DISCONNECTED", "initiated_by": "USER"});
    assert_eq!(value["disconnection_info"], told);
}
