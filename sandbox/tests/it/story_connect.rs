//! Connecting a number, and every way in which that does not go smoothly.

use serde_json::{Value, json};

use crate::kit::{Account, Store, Town, on_both_stores};

on_both_stores! {
    a_client_waits_is_connected_and_connected_again,
    what_meta_refuses_is_not_connected,
    a_number_is_registered_when_it_must_be,
    another_number_starts_over_and_the_old_talks_stay_readable,
}

async fn a_client_waits_is_connected_and_connected_again(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.recruiter("maria@linkojob.test");
    maria.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
    let ana = town.phone("4915970000001");
    maria.send_template(&ana, "Ana").await.refused(404, "CLIENT_NOT_FOUND");

    let waiting = maria.post("/api/clients", json!({"label": "Front desk"})).await.is(201);
    assert_eq!((&waiting["status"], &waiting["label"]), (&json!("PENDING"), &json!("Front desk")));
    assert_eq!(waiting["settings"]["sendReadReceipts"], true);
    assert_eq!(waiting["createdBy"], "maria@linkojob.test");
    maria.send_template(&ana, "Ana").await.refused(409, "CLIENT_NOT_CONNECTED");
    maria.post("/api/clients", json!({})).await.refused(409, "CLIENT_ALREADY_EXISTS");

    let account = town.meta.account().await;
    let client = maria.connect_to(account.clone()).await.is(200);
    assert_eq!((&client["id"], &client["status"]), (&waiting["id"], &json!("CONNECTED")));
    assert_eq!(client["label"], "Front desk");
    assert!(client["displayPhoneNumber"].is_string() && client["verifiedName"].is_string());
    let again = maria.post("/api/clients", account.credentials()).await;
    again.refused(409, "CLIENT_ALREADY_EXISTS");

    let changed = json!({"label": "Desk", "settings": {"templateLanguage": "en_US"}});
    let changed = maria.put("/api/clients/me", changed).await.is(200);
    assert_eq!(changed["settings"]["templateLanguage"], "en_US");
    assert_eq!(changed["settings"]["sendReadReceipts"], true, "what is absent stays");
    assert!(changed["revision"].as_i64() > client["revision"].as_i64());
    let cleared = json!({"settings": {"templateLanguage": null}});
    let cleared = maria.put("/api/clients/me", cleared).await.is(200);
    assert_eq!(cleared["settings"]["templateLanguage"], json!(null));

    let path = format!("/api/clients/{}", client["id"].as_str().expect("an id"));
    for text in [maria.get(&path).await.text, maria.get("/api/clients").await.text] {
        assert!(!text.contains(&account.access_token), "{text}");
    }
    let events: Vec<Value> = maria.events(None).await;
    assert!(events.iter().all(|event| !event.to_string().contains(&account.access_token)));
    assert!(!town.logs().contains(&account.access_token), "a token in a log");
}

async fn what_meta_refuses_is_not_connected(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.recruiter("maria@linkojob.test");
    let (right, other) = (town.meta.account().await, town.meta.account().await);
    let wrong = [
        Account { access_token: "EAAnobodys".to_owned(), ..right.clone() },
        Account { access_token: other.access_token.clone(), ..right.clone() },
        Account { waba_id: other.waba_id.clone(), ..right.clone() },
        Account { phone_number_id: "1".to_owned(), ..right.clone() },
    ];
    for account in wrong {
        let credentials = account.credentials();
        let refused = maria.connect_to(account).await;
        let problem = refused.refused(422, "META_REJECTED");
        assert!(problem["error"]["meta"].is_object(), "{problem}");
        assert!(!refused.text.contains(credentials["accessToken"].as_str().expect("a token")));
        maria.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
    }
    // Meta is away for a moment: nothing is decided.
    town.meta.rule(json!({"on": "any", "do": {"dropBefore": true}})).await;
    maria.connect_to(right.clone()).await.refused(502, "META_UNAVAILABLE");
    town.meta.behaves_again().await;
    maria.connect_to(right).await.is(201);
}

async fn a_number_is_registered_when_it_must_be(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.recruiter("maria@linkojob.test");
    let fresh = town.meta.account_that(json!({"registered": false})).await;
    assert_eq!(maria.connect_to(fresh).await.is(201)["status"], "CONNECTED");
    maria.send_template(&town.phone("4915970000002"), "Ana").await.is(201);

    // Somebody has set a PIN before: only they know it.
    let mut jon = town.recruiter("jon@linkojob.test");
    let locked = json!({"registered": false, "pin": "123456"});
    let locked = town.meta.account_that(locked).await;
    let refused = jon.connect_to(locked).await.refused(422, "META_REJECTED");
    assert_eq!(refused["error"]["meta"]["code"], 133_005);
    jon.post("/api/clients/me/register", json!({"pin": "12345"})).await.blames("pin");
    let wrong = jon.post("/api/clients/me/register", json!({"pin": "654321"})).await;
    assert_eq!(wrong.refused(422, "META_REJECTED")["error"]["meta"]["code"], 133_005);
    let client = jon.post("/api/clients/me/register", json!({"pin": "123456"})).await.is(200);
    assert_eq!(client["status"], "CONNECTED");
    jon.send_template(&town.phone("4915970000003"), "Ana").await.is(201);
}

async fn another_number_starts_over_and_the_old_talks_stay_readable(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915970000004");
    ana.writes(maria.account(), "On the old number").await;
    let old = socket.hears("On the old number").await["conversation"].clone();
    let old_account = maria.account().clone();

    town.meta.revoke(&old_account).await;
    let (sender, to) = (maria.clone(), ana.clone());
    let trying = tokio::spawn(async move { sender.send_text(&to, "Lost").await });
    socket.once("client:updated", |data| data["client"]["status"] == "TOKEN_EXPIRED").await;
    // Nobody waits for the answer any more; the message is recorded all the same.
    trying.abort();
    let another = town.meta.account().await;
    let client = maria.connect_to(another).await.is(200);
    assert_eq!(client["phoneNumberId"], maria.account().phone_number_id);
    town.clock("1h").await;
    let lost = socket.once("message:status", |data| data["status"] == "FAILED").await;
    assert_eq!(lost["error"]["name"], "CLIENT_NOT_CONNECTED");
    let path = format!("/api/conversations/{}", old["id"].as_str().expect("an id"));
    let sends = json!({"conversationId": old["id"], "text": "Still here?"});
    maria.get(&path).await.is(200);
    assert_eq!(maria.messages(&old["id"]).await.len(), 2);
    maria.post("/api/messages/text", sends).await.refused(409, "CLIENT_NOT_CONNECTED");
    let template = json!({"conversationId": old["id"], "candidateName": "Ana"});
    let refused = maria.post("/api/messages/template", template).await;
    refused.refused(409, "CLIENT_NOT_CONNECTED");

    // To the new number she is a stranger.
    let first = maria.send_template(&ana, "Ana").await.is(201);
    assert_eq!(first["templatePurpose"], "INITIATE");
    assert_ne!(first["conversationId"], old["id"]);
    ana.writes(maria.account(), "On the new number").await;
    let new = socket.hears("On the new number").await["conversation"].clone();
    assert_eq!(new["id"], first["conversationId"]);

    // The old number may be somebody else's now.
    let mut jon = town.recruiter("jon@linkojob.test");
    let given = town.meta.another_token(&old_account).await;
    jon.connect_to(given).await.is(201);
    assert_eq!(jon.conversations("").await["data"], json!([]));
}
