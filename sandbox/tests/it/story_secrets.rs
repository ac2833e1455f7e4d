//! A thief's view: after a whole life of connections, none of their secrets stands in the clear anywhere.

use serde_json::{Value, json};

use crate::kit::{
    Account, Browser, Store, Town,
    kept::{self, places_of},
    on_both_stores,
};

on_both_stores! {
    what_is_kept_and_logged_opens_nothing,
}

async fn what_is_kept_and_logged_opens_nothing(store: Store) {
    let town = Town::start(store).await;
    let (mut secrets, mut answers) = (town.secrets.clone(), Vec::new());

    // Typed in, and wrongly before.
    let mut maria = town.recruiter("maria@linkojob.test");
    let account = town.meta.account().await;
    let wrong =
        Account { access_token: "EAAcanary-that-opens-nothing".to_owned(), ..account.clone() };
    secrets.extend([wrong.access_token.clone(), account.access_token.clone()]);
    answers.push(maria.connect_to(wrong).await.text);
    answers.push(maria.connect_to(account).await.text);
    let ana = town.phone("4915970000180");
    answers.push(maria.send_template(&ana, "Ana").await.text);

    // By the dialog, and broken off half-way.
    let jon = town.recruiter("jon@linkojob.test");
    let theirs = town.meta.account_that(json!({"registered": false})).await;
    let browser = Browser::sent_by(&town, &jon).await;
    let back = browser.consents(&[&theirs]).await;
    secrets.extend([browser.cookie.clone(), back.get("code").to_owned()]);
    secrets.extend([back.get("state").to_owned(), theirs.access_token.clone()]);
    town.meta.rule(json!({"on": "any", "path": "register", "do": {"dropBefore": true}})).await;
    answers.push(browser.returns(&back).await.text);
    answers.push(browser.returns(&back).await.text);
    town.meta.behaves_again().await;
    answers.push(jon.get("/api/clients/me").await.text);
    let given = town.meta.tokens_of(&theirs).await;
    assert!(!given.is_empty(), "the code gave a token");
    secrets.extend(given);
    let half = places_of_any(&secrets, &town.keeps().await);
    assert_eq!(half, Vec::<String>::new(), "while it is half connected");
    answers.push(jon.post("/api/auth/whatsapp/resume", json!({})).await.text);
    let (code, _) = town.meta.popup(&theirs, json!({})).await;
    secrets.push(code.clone());
    answers.push(jon.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.text);
    answers.push(jon.post("/api/auth/whatsapp/exchange", json!({"code": code})).await.text);
    answers.push(jon.post("/api/auth/whatsapp/disconnect", json!({})).await.text);
    answers.push(maria.delete("/api/clients/me").await.text);
    for who in [&maria, &jon] {
        answers.extend(who.events(None).await.iter().map(Value::to_string));
    }

    let mut places = town.keeps().await;
    assert!(!places_of("maria@linkojob.test", &places).is_empty(), "it finds what is there");
    places.extend(answers.into_iter().map(|text| ("an answer".to_owned(), text.into_bytes())));
    assert_eq!(places_of_any(&secrets, &places), Vec::<String>::new());
}

/// The places where any of these stands; which one it was is not shown.
fn places_of_any(secrets: &[String], places: &[kept::Place]) -> Vec<String> {
    assert!(secrets.iter().all(|secret| secret.len() > 15), "a short text is found by chance");
    secrets.iter().flat_map(|secret| places_of(secret, places)).collect()
}
