//! Connecting through Meta's dialog, and everybody who should not get through.

use reqwest::Method;
use serde_json::json;

use crate::kit::{Browser, Store, Town, concern, on_both_stores};

on_both_stores! {
    a_recruiter_connects_by_consenting,
    only_the_person_who_asked_comes_back,
    a_state_is_good_once_though_32_come_back_with_it,
    what_the_person_or_meta_refuses_stores_nothing,
    a_code_whose_answer_is_lost_is_not_tried_again,
    the_state_and_the_code_last_as_long_as_they_should,
    a_number_that_lives_in_the_business_app_is_not_registered,
}

async fn a_recruiter_connects_by_consenting(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account_that(json!({"registered": false})).await;
    let browser = Browser::sent_by(&town, &maria).await;
    let back = browser.consents(&[&account]).await;
    let mut socket = maria.socket().await;
    let landed = browser.lands(&back).await;
    assert_eq!(landed.get("result").map(String::as_str), Some("connected"), "{landed:?}");
    assert!(!landed.contains_key("reason"), "{landed:?}");
    socket.once("client:updated", |data| data["client"]["status"] == "CONNECTED").await;
    let client = maria.client().await;
    assert_eq!(client["phoneNumberId"], account.phone_number_id);
    assert!(client["tokenExpiresAt"].is_string(), "{client}");
    assert!(client["onboarding"].is_null() && client["attention"].is_null(), "{client}");
    let ana = town.phone("4915970000101");
    maria.send_template(&ana, "Ana").await.is(201);
    ana.writes(&account, "Hello").await;
    socket.hears("Hello").await;

    // Once more, to renew the token: the same client, and the talks stay.
    let again = Browser::sent_by(&town, &maria).await;
    let back = again.consents(&[&account]).await;
    let renewed = again.returns(&back).await.is(200);
    assert_eq!((&renewed["id"], &renewed["status"]), (&client["id"], &json!("CONNECTED")));
    assert_eq!(maria.conversations("").await["data"].as_array().map(Vec::len), Some(1));
    for canary in [back.get("code"), back.get("state"), again.cookie.as_str()] {
        assert!(!town.logs().contains(canary), "a secret in a log");
    }
}

async fn only_the_person_who_asked_comes_back(store: Store) {
    let town = Town::start(store).await;
    let (maria, mallory) =
        (town.recruiter("maria@linkojob.test"), town.recruiter("mallory@linkojob.test"));
    let account = town.meta.account().await;
    // Mallory has a link made, and somebody else opens it and consents.
    let made = Browser::sent_by(&town, &mallory).await;
    for attempt in ["without anything", "as herself", "with her own cookie"] {
        let link = Browser::sent_by(&town, &mallory).await;
        let back = link.consents(&[&account]).await;
        let answer = match attempt {
            "as herself" => link.returns_as(&back, &maria).await,
            "with her own cookie" => {
                let own = Browser::sent_by(&town, &maria).await;
                own.returns(&back).await
            }
            _ => link.sends(link.callback(&back)).await,
        };
        answer.refused(400, "OAUTH_STATE_INVALID");
        // Nor does it do for its maker afterwards: it is used up.
        link.returns(&back).await.refused(400, "OAUTH_STATE_INVALID");
    }
    // The cookie of the one who asked does not help when the gateway says that it is somebody else.
    let back = made.consents(&[&account]).await;
    let request = made.callback(&back).header("cookie", made.jar());
    let request = request.header("email", &maria.email).header("role", "MANAGER");
    made.sends(request).await.refused(400, "OAUTH_STATE_INVALID");
    for nobody in [&maria, &mallory] {
        nobody.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
    }
    // Nobody's state.
    for state in ["", "AAAA", &"A".repeat(43), "../../x", "' OR 1=1"] {
        let forged = back.with("state", state);
        made.returns(&forged).await.refused(400, "OAUTH_STATE_INVALID");
    }
    // The same person in another browser.
    let link = Browser::sent_by(&town, &maria).await;
    let back = link.consents(&[&account]).await;
    link.returns_as(&back, &maria).await.is(200);
}

async fn a_state_is_good_once_though_32_come_back_with_it(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let browser = Browser::sent_by(&town, &maria).await;
    let back = browser.consents(&[&account]).await;
    let all = (0..32).map(|_| {
        let (browser, back) = (browser.clone(), back.clone());
        tokio::spawn(async move { browser.returns(&back).await })
    });
    let (mut connected, mut refused) = (0, 0);
    for one in all.collect::<Vec<_>>() {
        let answer = one.await.expect("an answer");
        match answer.status {
            200 => connected += 1,
            _ => {
                answer.refused(400, "OAUTH_STATE_INVALID");
                refused += 1;
            }
        }
    }
    assert_eq!((connected, refused), (1, 31));
    // One code of the popup, as often.
    let jon = town.recruiter("jon@linkojob.test");
    let (code, _) = town.meta.popup(&town.meta.account().await, json!({})).await;
    let all = (0..32).map(|_| {
        let (jon, body) = (jon.clone(), json!({"code": code}));
        tokio::spawn(async move { jon.post("/api/auth/whatsapp/exchange", body).await.status })
    });
    let mut statuses = Vec::new();
    for one in all.collect::<Vec<_>>() {
        statuses.push(one.await.expect("an answer"));
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 422].contains(status)), "{statuses:?}");
    assert_eq!(jon.client().await["status"], "CONNECTED");
}

async fn what_the_person_or_meta_refuses_stores_nothing(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let browser = Browser::sent_by(&town, &maria).await;
    let back = browser.refuses().await;
    browser.returns(&back).await.refused(400, "OAUTH_DENIED");
    let browser = Browser::sent_by(&town, &maria).await;
    let landed = browser.lands(&browser.refuses().await).await;
    let said = (landed["result"].as_str(), landed["reason"].as_str());
    assert_eq!(said, ("denied", "OAUTH_DENIED"));

    let scope = "whatsapp_business_messaging";
    let browser = Browser::sent_by(&town, &maria).await;
    let back = browser.consents_without(&account, scope).await;
    let landed = browser.lands(&back).await;
    let said = (landed["result"].as_str(), landed["reason"].as_str());
    assert_eq!(said, ("failed", "META_REJECTED"));

    let twists = [
        json!({"token": {"appId": "1"}}),
        json!({"token": {"without": ["whatsapp_business_management"]}}),
        json!({"fail": {"code": 100, "subcode": 36008}}),
    ];
    for twist in twists {
        town.meta.rule(json!({"on": "any", "path": "oauth/access_token", "do": twist})).await;
        let browser = Browser::sent_by(&town, &maria).await;
        let back = browser.consents(&[&account]).await;
        browser.returns(&back).await.refused(422, "META_REJECTED");
        town.meta.behaves_again().await;
    }
    let other = town.meta.account().await;
    for wrong in [
        json!({"code": town.meta.popup(&account, json!({})).await.0, "phoneNumberId": other.phone_number_id}),
        json!({"code": town.meta.popup(&account, json!({})).await.0, "wabaId": other.waba_id}),
        json!({"code": "never-given"}),
    ] {
        maria.post("/api/auth/whatsapp/exchange", wrong).await.refused(422, "META_REJECTED");
    }
    let mut jon = town.recruiter("jon@linkojob.test");
    jon.connect_to(account.clone()).await.is(201);
    let (code, _) = town.meta.popup(&account, json!({})).await;
    let taken = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await;
    taken.refused(409, "PHONE_NUMBER_ALREADY_CONNECTED");
    maria.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
}

async fn a_code_whose_answer_is_lost_is_not_tried_again(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let lost = [
        json!({"dropAfterAccept": true}),
        json!({"malformed": true}),
        json!({"fail": {"http": 500, "code": 1}}),
        // Longer than we wait.
        json!({"delayMs": 12_000}),
    ];
    for broken in lost {
        town.meta.rule(json!({"on": "any", "path": "oauth/access_token", "do": broken})).await;
        let (code, _) = town.meta.popup(&account, json!({})).await;
        let answer = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await;
        let problem = answer.refused(502, "META_UNAVAILABLE");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains("again")), "{problem}");
        maria.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
        town.meta.behaves_again().await;
    }
    let (code, _) = town.meta.popup(&account, json!({})).await;
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("CONNECTED"), ""));
}

async fn the_state_and_the_code_last_as_long_as_they_should(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let (early, late) =
        (Browser::sent_by(&town, &maria).await, Browser::sent_by(&town, &maria).await);
    town.clock("9m").await;
    let back = early.consents(&[&account]).await;
    early.returns(&back).await.is(200);
    town.clock("2m").await;
    let back = late.consents(&[&account]).await;
    late.returns(&back).await.refused(400, "OAUTH_STATE_INVALID");
    let (code, _) = town.meta.popup(&account, json!({})).await;
    town.clock("31s").await;
    let expired = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await;
    let problem = expired.refused(422, "META_REJECTED");
    assert_eq!(problem["error"]["meta"]["subcode"], 36_007, "{problem}");
}

async fn a_number_that_lives_in_the_business_app_is_not_registered(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account_that(json!({"registered": false})).await;
    let number =
        format!("/graph/_accounts/{}/numbers/{}", account.waba_id, account.phone_number_id);
    town.meta.control(Method::PATCH, &number, Some(json!({"onBizApp": true}))).await;
    let (code, session) = town.meta.popup(&account, json!({})).await;
    assert_eq!(session["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", "{session}");
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!(client["status"], "CONNECTED");
    // Registering it would take it out of the app.
    let stays = town.meta.control(Method::PATCH, &number, Some(json!({}))).await;
    assert_eq!(
        (&stays["onBizApp"], &stays["registered"]),
        (&json!(true), &json!(false)),
        "{stays}"
    );
}
