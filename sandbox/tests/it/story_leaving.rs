//! Connections that end: by their owner, by the customer at Meta, by time.

use serde_json::{Value, json};

use crate::kit::{Recruiter, Store, Town, Update, concern, on_both_stores};

on_both_stores! {
    who_disconnects_is_forgotten_at_meta_and_keeps_the_talks,
    a_number_that_was_disconnected_is_anybodys_who_proves_it,
    who_leaves_takes_nothing_from_those_who_share_it,
    a_customer_who_leaves_at_meta_is_disconnected,
    what_was_said_of_an_earlier_connection_is_not_about_this_one,
    a_token_that_ends_is_spoken_of_before_and_when_it_does,
}

const DISCONNECT: &str = "/api/auth/whatsapp/disconnect";

async fn who_disconnects_is_forgotten_at_meta_and_keeps_the_talks(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    maria.post(DISCONNECT, json!({})).await.refused(404, "CLIENT_NOT_FOUND");
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone("4915970000140");
    let mut socket = maria.socket().await;
    ana.writes(maria.account(), "Before").await;
    let conversation = socket.hears("Before").await["conversation"]["id"].clone();
    // Something waits that Meta would not take now.
    town.meta.on_send(100, &ana.number, json!({"fail": {"code": 130_429}})).await;
    let waiting = maria.send_text(&ana, "Waits").await.is(202);
    let ended = maria.post(DISCONNECT, json!({})).await.is(200);
    assert_eq!(ended["client"]["status"], "DISCONNECTED", "{ended}");
    let report = json!({"unsubscribed": true, "revoked": true, "problems": []});
    assert_eq!(ended["report"], report, "{ended}");
    socket.once("client:updated", |data| data["client"]["status"] == "DISCONNECTED").await;
    let lost = socket.message_is(&waiting["id"], "FAILED").await;
    assert_eq!(lost["error"]["name"], "CLIENT_NOT_CONNECTED", "{lost}");
    town.meta.behaves_again().await;
    // The token opens nothing any more, for us or for anybody.
    maria.post("/api/clients", maria.account().credentials()).await.refused(422, "META_REJECTED");
    let again = maria.post(DISCONNECT, json!({})).await.is(200);
    assert_eq!(again["report"]["revoked"], false, "{again}");
    assert_eq!(maria.messages(&conversation).await.len(), 2);
    maria.send_text(&ana, "After").await.refused(409, "CLIENT_NOT_CONNECTED");

    // Connecting the same number again: the talk goes on where it was.
    let (code, _) = town.meta.popup(maria.account(), json!({})).await;
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!(client["id"], ended["client"]["id"]);
    let sent = maria.send_text(&ana, "And on").await.is(201);
    assert_eq!(sent["conversationId"], conversation);
}

async fn a_number_that_was_disconnected_is_anybodys_who_proves_it(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.recruiter("jon@linkojob.test");
    let exchange = async || {
        let (code, _) = town.meta.popup(maria.account(), json!({})).await;
        jon.post("/api/auth/whatsapp/exchange", json!({"code": code})).await
    };
    exchange().await.refused(409, "PHONE_NUMBER_ALREADY_CONNECTED");
    maria.post(DISCONNECT, json!({})).await.is(200);
    assert_eq!(exchange().await.is(200)["phoneNumberId"], maria.account().phone_number_id);
    let left = maria.client().await;
    assert_eq!((&left["status"], &left["phoneNumberId"]), (&json!("DISCONNECTED"), &Value::Null));
    assert_eq!(left["updatedBy"], "service:core", "who has it now is not told");
    let ana = town.phone("4915970000141");
    let mut socket = jon.socket().await;
    ana.writes(maria.account(), "Who is there?").await;
    socket.hears("Who is there?").await;
    assert_eq!(maria.conversations("").await["data"], json!([]));
}

async fn who_leaves_takes_nothing_from_those_who_share_it(store: Store) {
    let town = Town::start(store).await;
    let (first, second) = (town.meta.account().await, town.meta.account().await);
    let third = town.meta.add_number(&second.waba_id, json!({})).await;
    let both = json!({"moreWabaIds": [second.waba_id]});
    let mut people = Vec::new();
    for (name, waba, number) in [
        ("maria", &first.waba_id, json!(first.phone_number_id)),
        ("jon", &second.waba_id, json!(second.phone_number_id)),
        ("bea", &second.waba_id, third),
    ] {
        let who = town.recruiter(&format!("{name}@linkojob.test"));
        // One person at Meta gives all of them their access.
        let (code, _) = town.meta.popup(&first, both.clone()).await;
        let body = json!({"code": code, "wabaId": waba, "phoneNumberId": number});
        let client = who.post("/api/auth/whatsapp/exchange", body).await.is(200);
        assert_eq!(client["status"], "CONNECTED", "{client}");
        people.push(who);
    }
    let leaves = async |who: &Recruiter| {
        let report = who.post(DISCONNECT, json!({})).await.is(200)["report"].clone();
        let problems = report["problems"].as_array().expect("problems").len();
        (report["unsubscribed"] == true, report["revoked"] == true, problems)
    };
    let ana = town.phone("4915970000144");
    // An account of her own, and an access that is not hers alone.
    assert_eq!(leaves(&people[0]).await, (true, false, 1));
    people[1].send_template(&ana, "Ana").await.is(201);
    // Neither is his alone.
    assert_eq!(leaves(&people[1]).await, (false, false, 1));
    people[2].send_template(&ana, "Ana").await.is(201);
    assert_eq!(leaves(&people[2]).await, (true, true, 0));
}

async fn a_customer_who_leaves_at_meta_is_disconnected(store: Store) {
    let town = Town::start(store).await;
    let edge = format!("http://{}/api/auth/whatsapp", town.edge_address());
    let addresses = json!({
        "deauthorizeUrl": format!("{edge}/deauthorize"),
        "dataDeletionUrl": format!("{edge}/data-deletion"),
    });
    town.meta.control(reqwest::Method::PATCH, "/graph/_app", Some(addresses)).await;
    let ways = [
        json!({"event": "PARTNER_APP_UNINSTALLED", "tell": ["webhook"]}),
        json!({"event": "PARTNER_REMOVED", "tell": ["webhook"]}),
        json!({"tell": ["deauthorize"]}),
        json!({"tell": ["dataDeletion"]}),
    ];
    let bystander = town.connected("bystander@linkojob.test").await;
    for (number, way) in ways.into_iter().enumerate() {
        let who = town.connected(&format!("maria-{number}@linkojob.test")).await;
        let mut socket = who.socket().await;
        let told = town.meta.departs(who.account(), way.clone()).await;
        let gone = |data: &Value| data["client"]["status"] == "DISCONNECTED";
        let event = socket.once("client:updated", gone).await;
        assert_eq!(concern(&event["client"]), "REVOKED_AT_META", "{way}");
        match way["tell"][0].as_str() {
            Some("deauthorize") => assert_eq!(told["deauthorize"]["status"], 200, "{told}"),
            Some("dataDeletion") => {
                let body = told["dataDeletion"]["body"].to_string();
                assert_eq!(told["dataDeletion"]["status"], 200, "{told}");
                assert!(body.contains("confirmation_code") && body.contains("url"), "{told}");
            }
            _ => assert_eq!(told["webhook"], true, "{told}"),
        }
        let ana = town.phone("4915970000142");
        who.send_template(&ana, "Ana").await.refused(409, "CLIENT_NOT_CONNECTED");
    }
    assert_eq!(bystander.client().await["status"], "CONNECTED");
}

async fn what_was_said_of_an_earlier_connection_is_not_about_this_one(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.connected("maria@linkojob.test").await;
    let account = maria.account().clone();
    let told = |time: i64, waba: &str, app: Option<&str>| {
        let mut info = json!({"waba_id": waba, "owner_business_id": "7"});
        info["partner_app_id"] = json!(app);
        let value = json!({"event": "PARTNER_APP_UNINSTALLED", "waba_info": info});
        let change = json!({"field": "account_update", "value": value});
        // The entry is our own business; the account stands inside.
        let entry = json!({"id": "1893840584226407", "time": time, "changes": [change]});
        Update::of(&json!({"object": "whatsapp_business_account", "entry": [entry]}))
    };
    let now = town.meta.now_ms().await / 1000;
    town.deliver(&told(now - 60, &account.waba_id, None)).await.is(200);
    town.deliver(&told(now + 60, &account.waba_id, Some("1"))).await.is(200);
    town.deliver(&told(now + 60, "1893840584226407", None)).await.is(200);
    // What is delivered later is applied later: by then the others are.
    let mut socket = maria.socket().await;
    town.phone("4915970000143").writes(&account, "Still here?").await;
    socket.hears("Still here?").await;
    assert_eq!(maria.client().await["status"], "CONNECTED");
    town.deliver(&told(now + 60, &account.waba_id, None)).await.is(200);
    socket.once("client:updated", |data| concern(&data["client"]) == "REVOKED_AT_META").await;
    let fresh = town.meta.another_token(&account).await;
    maria.connect_to(fresh).await.is(200);
}

async fn a_token_that_ends_is_spoken_of_before_and_when_it_does(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let ten_days = 10 * 86_400;
    let (code, _) = town.meta.popup(&account, json!({"expiresInSeconds": ten_days})).await;
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("CONNECTED"), ""));
    let mut socket = maria.socket().await;
    let stages = [
        ("4d", "TOKEN_EXPIRES_SOON", "CONNECTED"),
        ("121h", "TOKEN_EXPIRES_SOON", "CONNECTED"),
        ("24h", "TOKEN_EXPIRED", "TOKEN_EXPIRED"),
    ];
    for (span, name, status) in stages {
        town.clock(span).await;
        let told = socket.expect("client:updated").await;
        let client = &told["client"];
        assert_eq!((concern(client), client["status"].as_str()), (name, Some(status)), "{span}");
    }
    // Connected again, all is well.
    let (code, _) = town.meta.popup(&account, json!({})).await;
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("CONNECTED"), ""));
}
