//! Consent that ends: taken back by us, or by the customer.

use axum::extract::{Form, OriginalUri, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Desk, refusal, text, unsign};

/// Where our app is called back: `(path, signed_request)`.
async fn callbacks() -> (String, mpsc::Receiver<(String, String)>) {
    let (arrivals, arrived) = mpsc::channel(10);
    let receive = async |State(arrivals): State<mpsc::Sender<(String, String)>>,
                         OriginalUri(uri): OriginalUri,
                         Form(pairs): Form<Vec<(String, String)>>| {
        assert_eq!((pairs.len(), &*pairs[0].0), (1, "signed_request"));
        let signed = pairs[0].1.clone();
        arrivals.send((uri.path().to_owned(), signed)).await.expect("the test runs");
        Json(json!({"url": "https://app.test/deletion", "confirmation_code": "c1"}))
    };
    let router = Router::new().route("/{what}", post(receive)).with_state(arrivals);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, arrived)
}

#[tokio::test]
async fn our_app_gives_everything_back() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let (waba, before) = (text(&account, "wabaId"), text(&account, "accessToken"));
    let token = desk.connected(&account, json!({})).await;
    let stranger = text(&desk.customer(json!({})).await, "accessToken");
    let done = desk.call("DELETE", "/me/permissions", &token, None).await;
    assert_eq!((done.status, done.json()), (200, json!({"success": true})));
    for token in [&token, &before] {
        let later = desk.call("GET", &format!("/{waba}"), token, None).await;
        assert_eq!(refusal(&later), (401, 190, 458), "all tokens of this user");
        assert_eq!(desk.debug(token).await["error"]["subcode"], 458);
    }
    assert_eq!(
        refusal(&desk.call("DELETE", "/me/permissions", &token, None).await),
        (401, 190, 458)
    );
    assert_eq!(desk.debug(&stranger).await["is_valid"], true);
    let again = desk.connected(&account, json!({})).await;
    assert_eq!(desk.call("GET", &format!("/{waba}"), &again, None).await.status, 200);
}

#[tokio::test]
async fn our_app_gives_one_permission_back() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let token = desk.connected(&account, json!({})).await;
    let path = "/me/permissions/whatsapp_business_management";
    assert_eq!(desk.call("DELETE", path, &token, None).await.json(), json!({"success": true}));
    let later = desk.call("GET", &format!("/{}", text(&account, "wabaId")), &token, None).await;
    assert_eq!(refusal(&later), (403, 10, 0));
    let data = desk.debug(&token).await;
    assert_eq!(data["is_valid"], true);
    assert_eq!(data["scopes"], json!(["whatsapp_business_messaging", "public_profile"]));
    assert_eq!(refusal(&desk.call("DELETE", path, &token, None).await), (400, 100, 0));
}

#[tokio::test]
async fn a_customer_who_removes_the_app_is_heard_by_signed_request() {
    let desk = Desk::open().await;
    let (base, mut arrived) = callbacks().await;
    let app = json!({"deauthorizeUrl": format!("{base}/deauthorize"),
                     "dataDeletionUrl": format!("{base}/deletion")});
    desk.sim.control("PATCH", "/graph/_app", Some(app)).await;
    let account = desk.customer(json!({})).await;
    let waba = text(&account, "wabaId");
    let token = desk.connected(&account, json!({})).await;
    let user = desk.debug(&token).await["user_id"].clone();
    let edge = format!("/{waba}/subscribed_apps");
    assert_eq!(desk.call("POST", &edge, &token, None).await.status, 200);

    let path = format!("/graph/_accounts/{waba}/departure");
    let left = desk.sim.control("POST", &path, None).await;
    assert_eq!((&left["tokens"], &left["deauthorize"]["status"]), (&json!(2), &json!(200)));
    assert_eq!(left["dataDeletion"], Value::Null, "nobody asked for it");
    let (at, signed) = arrived.recv().await.expect("a callback");
    let payload = unsign(&signed).expect("rightly signed");
    assert_eq!((&*at, &payload["algorithm"]), ("/deauthorize", &json!("HMAC-SHA256")));
    assert_eq!(payload["user_id"], user);
    assert!(payload["issued_at"].is_i64());
    assert_eq!(refusal(&desk.call("GET", &edge, &token, None).await), (401, 190, 458));

    let tell = json!({"tell": ["dataDeletion"]});
    let deleted = desk.sim.control("POST", &path, Some(tell)).await;
    assert_eq!((&deleted["webhook"], &deleted["deauthorize"]), (&json!(false), &Value::Null));
    let body: Value = serde_json::from_str(&text(&deleted["dataDeletion"], "body")).expect("JSON");
    assert_eq!(body["confirmation_code"], "c1");
    let (at, signed) = arrived.recv().await.expect("a callback");
    assert_eq!((&*at, &unsign(&signed).expect("rightly signed")["user_id"]), ("/deletion", &user));
    let again = desk.connected(&account, json!({})).await;
    let listed = desk.call("GET", &edge, &again, None).await.json();
    assert_eq!(listed, json!({"data": []}), "nothing is subscribed any more");
}

#[tokio::test]
async fn an_account_that_is_not_shared_any_more_does_not_exist() {
    let desk = Desk::open().await;
    let (one, two) = (desk.customer(json!({})).await, desk.customer(json!({})).await);
    let (a, b) = (text(&one, "wabaId"), text(&two, "wabaId"));
    let token = desk.connected(&one, json!({"moreWabaIds": [b]})).await;
    let path = format!("/graph/_accounts/{a}/departure");
    desk.sim.control("POST", &path, Some(json!({"event": "PARTNER_REMOVED"}))).await;
    let gone = desk.call("GET", &format!("/{a}"), &token, None).await;
    assert_eq!(refusal(&gone), (400, 100, 33));
    assert_eq!(desk.call("GET", &format!("/{b}"), &token, None).await.status, 200);
    let data = desk.debug(&token).await;
    assert_eq!(
        (&data["is_valid"], &data["granular_scopes"][0]["target_ids"]),
        (&json!(true), &json!([b]))
    );

    let wrong = json!({"disconnection": {"reason": "X", "initiatedBy": "USER"}});
    let refused = desk.sim.call("POST", &path, None, Some(wrong)).await.expect("an answer");
    assert_eq!(refused.status, 400);
    let nobody = desk.sim.call("POST", "/graph/_accounts/1/departure", None, None).await;
    assert_eq!(nobody.expect("an answer").status, 404);
}

#[tokio::test]
async fn a_callback_that_nobody_answers_is_reported() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let app = json!({"deauthorizeUrl": "http://127.0.0.1:9/deauthorize"});
    desk.sim.control("PATCH", "/graph/_app", Some(app)).await;
    let path = format!("/graph/_accounts/{}/departure", text(&account, "wabaId"));
    let left = desk.sim.control("POST", &path, None).await;
    assert!(left["deauthorize"]["error"].is_string(), "{left}");
    let cleared =
        desk.sim.control("PATCH", "/graph/_app", Some(json!({"deauthorizeUrl": ""}))).await;
    assert_eq!(cleared["deauthorizeUrl"], Value::Null);
}
