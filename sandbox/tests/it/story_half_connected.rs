//! Connections that stop half-way: each says where, why and what to do, and goes on from there.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::{Account, Meta, PATIENCE, Recruiter, Store, Town, concern, on_both_stores};

on_both_stores! {
    an_account_without_a_number_waits_for_one,
    of_several_numbers_the_owner_chooses,
    a_number_with_a_pin_of_its_own_waits_for_it,
    what_stops_at_a_step_goes_on_there,
    a_renewal_that_stops_leaves_the_old_connection_at_work,
    a_core_that_dies_between_two_steps_loses_none,
}

async fn exchange(meta: &Meta, who: &Recruiter, account: &Account) -> crate::kit::Answer {
    let (code, _) = meta.popup(account, json!({})).await;
    who.post("/api/auth/whatsapp/exchange", json!({"code": code})).await
}

async fn resume(who: &Recruiter, body: Value) -> crate::kit::Answer {
    who.post("/api/auth/whatsapp/resume", body).await
}

async fn an_account_without_a_number_waits_for_one(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let waba = town.meta.waba_that(json!({"numbers": 0})).await;
    let mut socket = maria.socket().await;
    let (code, _) = town.meta.popup_of(&waba, json!({"onlyWaba": true})).await;
    let client = maria.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.is(200);
    assert_eq!(
        (client["status"].as_str(), concern(&client)),
        (Some("PENDING"), "PHONE_NUMBER_MISSING")
    );
    assert_eq!(client["onboarding"]["step"], "NUMBER");
    socket.once("client:updated", |data| concern(&data["client"]) == "PHONE_NUMBER_MISSING").await;
    // Nothing has changed at Meta: still waiting.
    let still = resume(&maria, json!({})).await.is(200);
    assert_eq!(concern(&still), "PHONE_NUMBER_MISSING");
    let number = town.meta.add_number(&waba, json!({})).await;
    let client = resume(&maria, json!({})).await.is(200);
    assert_eq!((&client["status"], &client["phoneNumberId"]), (&json!("CONNECTED"), &number));
    socket.once("client:updated", |data| data["client"]["status"] == "CONNECTED").await;
}

async fn of_several_numbers_the_owner_chooses(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let second = town.meta.add_number(&account.waba_id, json!({"registered": false})).await;
    let client = exchange(&town.meta, &maria, &account).await.is(200);
    assert_eq!(concern(&client), "PHONE_NUMBER_CHOICE_REQUIRED");
    let choices = client["onboarding"]["choices"].as_array().expect("choices");
    assert_eq!(choices.len(), 2, "{client}");
    assert!(choices.iter().all(|choice| choice["displayPhoneNumber"].is_string()), "{client}");
    let stranger = json!({"phoneNumberId": town.meta.account().await.phone_number_id});
    resume(&maria, stranger).await.refused(422, "META_REJECTED");
    assert_eq!(concern(&maria.client().await), "ONBOARDING_REJECTED");
    let chosen = resume(&maria, json!({"phoneNumberId": second})).await.is(200);
    assert_eq!((&chosen["status"], &chosen["phoneNumberId"]), (&json!("CONNECTED"), &second));
    assert!(chosen["onboarding"].is_null() && chosen["attention"].is_null(), "{chosen}");

    // Named at once: no question is asked.
    let jon = town.recruiter("jon@linkojob.test");
    let (code, _) = town.meta.popup(&account, json!({})).await;
    let body =
        json!({"code": code, "phoneNumberId": account.phone_number_id, "wabaId": account.waba_id});
    let client = jon.post("/api/auth/whatsapp/exchange", body).await.is(200);
    assert_eq!(client["phoneNumberId"], account.phone_number_id);
}

async fn a_number_with_a_pin_of_its_own_waits_for_it(store: Store) {
    let town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account_that(json!({"registered": false, "pin": "135790"})).await;
    let refused = exchange(&town.meta, &maria, &account).await.refused(422, "META_REJECTED");
    assert_eq!(refused["error"]["meta"]["code"], 133_005);
    let client = maria.client().await;
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("PENDING"), "PIN_REQUIRED"));
    assert_eq!(client["onboarding"]["step"], "REGISTER");
    let wrong = maria.post("/api/clients/me/register", json!({"pin": "000000"})).await;
    wrong.refused(422, "META_REJECTED");
    assert_eq!(concern(&maria.client().await), "PIN_REQUIRED");
    let client = maria.post("/api/clients/me/register", json!({"pin": "135790"})).await.is(200);
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("CONNECTED"), ""));
    assert!(!town.logs().contains("135790"), "a PIN in a log");
}

async fn what_stops_at_a_step_goes_on_there(store: Store) {
    let town = Town::start(store).await;
    let steps = [
        ("phone_numbers", "NUMBER"),
        ("subscribed_apps", "SUBSCRIBE"),
        ("register", "REGISTER"),
        ("message_templates", "TEMPLATES"),
    ];
    let breaks = [
        (json!({"dropAfterAccept": true}), 502, "META_UNAVAILABLE", "ONBOARDING_INTERRUPTED"),
        (json!({"fail": {"http": 403, "code": 200}}), 422, "META_REJECTED", "ONBOARDING_REJECTED"),
    ];
    for (path, step) in steps {
        for (action, status, name, expected) in &breaks {
            let who = town.recruiter(&format!("{}-{}@linkojob.test", step.to_lowercase(), status));
            let account = town.meta.account_that(json!({"registered": false})).await;
            town.meta.rule(json!({"on": "any", "path": path, "do": action})).await;
            exchange(&town.meta, &who, &account).await.refused(*status, name);
            town.meta.behaves_again().await;
            if (step, *status) == ("NUMBER", 422) {
                who.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
                continue;
            }
            let client = who.client().await;
            let stands = (client["onboarding"]["step"].as_str(), concern(&client));
            assert_eq!(stands, (Some(step), *expected), "{client}");
            assert_eq!(client["status"], "PENDING", "{client}");
            let events = who.events(None).await;
            let told =
                events.last().map(|event| event["data"]["client"]["attention"]["name"].clone());
            assert_eq!(told, Some(json!(expected)), "{step} {status}");
            let client = resume(&who, json!({})).await.is(200);
            assert_eq!(
                (client["status"].as_str(), concern(&client)),
                (Some("CONNECTED"), ""),
                "{step}"
            );
        }
    }
}

async fn a_renewal_that_stops_leaves_the_old_connection_at_work(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    town.meta
        .rule(json!({"on": "any", "path": "subscribed_apps", "do": {"dropBefore": true}}))
        .await;
    exchange(&town.meta, &maria, maria.account()).await.refused(502, "META_UNAVAILABLE");
    let client = maria.client().await;
    assert_eq!(
        (client["status"].as_str(), concern(&client)),
        (Some("CONNECTED"), "ONBOARDING_INTERRUPTED")
    );
    maria.send_template(&town.phone("4915970000120"), "Ana").await.is(201);
    town.meta.behaves_again().await;
    let client = resume(&maria, json!({})).await.is(200);
    assert!(client["onboarding"].is_null() && client["attention"].is_null(), "{client}");
}

async fn a_core_that_dies_between_two_steps_loses_none(store: Store) {
    let mut town = Town::start(store).await;
    let maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account_that(json!({"registered": false})).await;
    // Meta registers the number and takes its time to say so; the core does not live to hear it.
    let slow = json!({"on": "any", "path": "register", "do": {"delayMs": 8_000}});
    town.meta.rule(slow).await;
    let (who, meta, theirs) = (maria.clone(), town.meta.clone(), account.clone());
    let trying = tokio::spawn(async move { exchange(&meta, &who, &theirs).await.status });
    let registering = async {
        while maria.get("/api/clients/me").await.json()["onboarding"]["step"] != "REGISTER" {}
    };
    tokio::time::timeout(PATIENCE, registering).await.expect("it gets as far as registering");
    town.kill_core().await;
    assert_eq!(trying.await.expect("an answer"), 503);
    town.meta.behaves_again().await;
    town.restart_core().await;
    // What the dead core had begun to write holds its owner's rows for some seconds more.
    let mut pause = tokio::time::interval(Duration::from_millis(250));
    let resumed = async {
        loop {
            pause.tick().await;
            let answer = resume(&maria, json!({})).await;
            match answer.status {
                503 => answer.is_unavailable(),
                _ => break answer.is(200),
            }
        }
    };
    let client = tokio::time::timeout(PATIENCE, resumed).await.expect("it can go on");
    assert_eq!((client["status"].as_str(), concern(&client)), (Some("CONNECTED"), ""));
    // The lanes of the dead core are free when its leases end.
    let mut socket = maria.socket().await;
    let sent = maria.send_template(&town.phone("4915970000121"), "Ana").await.json();
    socket.message_is(&sent["id"], "ACCEPTED").await;
}
