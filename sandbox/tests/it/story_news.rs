//! What Meta says of an account, a number or a template by itself: what the recruiter then sees and may do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Recruiter, Store, Town, concern, on_both_stores};

on_both_stores! {
    a_paused_template_is_not_sent_and_one_that_is_approved_again_is,
    a_template_that_is_new_at_meta_is_there_without_a_sync,
    a_banned_account_sends_nothing_until_it_ends,
    a_restricted_account_still_answers,
    a_number_and_its_limits_are_what_meta_says,
}

/// Meta tells something of a recruiter's account.
async fn tell(town: &Town, of: &Recruiter, news: Value) {
    let path = format!("/graph/_accounts/{}/news", of.account().waba_id);
    let told = town.meta.control(Method::POST, &path, Some(news)).await;
    assert_eq!(told["queued"], true, "{told}");
}

/// The next second: Meta counts no finer.
async fn later(town: &Town) {
    town.meta.control(Method::POST, "/graph/_clock", Some(json!({"advance": "2s"}))).await;
}

fn status(event: &str) -> Value {
    json!({"field": "message_template_status_update", "template": {"name": "initiate"},
        "value": {"event": event}})
}

async fn a_paused_template_is_not_sent_and_one_that_is_approved_again_is(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone("4915970000160");
    let mut socket = maria.socket().await;
    later(&town).await;
    tell(&town, &maria, status("PAUSED")).await;
    let data = socket.once("template:updated", |data| data["template"]["name"] == "initiate").await;
    assert_eq!(data["template"]["status"], "PAUSED", "{data}");
    maria.send_template(&ana, "Ana").await.refused(409, "TEMPLATE_NOT_APPROVED");
    later(&town).await;
    tell(&town, &maria, status("REINSTATED")).await;
    socket.once("template:updated", |data| data["template"]["status"] == "APPROVED").await;
    maria.send_template(&ana, "Ana").await.is(201);
}

async fn a_template_that_is_new_at_meta_is_there_without_a_sync(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    town.meta.template(maria.account(), "invite", "en_US", json!({})).await;
    later(&town).await;
    let mut news = status("APPROVED");
    news["template"]["name"] = json!("invite");
    tell(&town, &maria, news).await;
    let data = socket.once("template:updated", |data| data["template"]["name"] == "invite").await;
    assert_eq!(data["template"]["status"], "APPROVED", "{data}");
}

fn ban(state: &str) -> Value {
    json!({"field": "account_update",
        "value": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}})
}

async fn a_banned_account_sends_nothing_until_it_ends(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone("4915970000161");
    let mut socket = maria.socket().await;
    ana.writes(maria.account(), "Hello").await;
    socket.hears("Hello").await;
    later(&town).await;
    tell(&town, &maria, ban("DISABLE")).await;
    let data = socket.once("client:updated", |data| data["client"]["status"] == "RESTRICTED").await;
    assert_eq!(concern(&data["client"]), "ACCOUNT_DISABLED", "{data}");
    maria.send_text(&ana, "Now?").await.refused(409, "CLIENT_NOT_CONNECTED");
    later(&town).await;
    tell(&town, &maria, ban("REINSTATE")).await;
    let data = socket.once("client:updated", |data| data["client"]["status"] == "CONNECTED").await;
    assert_eq!(data["client"]["attention"], Value::Null, "{data}");
    maria.send_text(&ana, "Now!").await.is(201);
}

async fn a_restricted_account_still_answers(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let ana = town.phone("4915970000162");
    let mut socket = maria.socket().await;
    ana.writes(maria.account(), "Hello").await;
    socket.hears("Hello").await;
    later(&town).await;
    tell(&town, &maria, json!({"field": "account_update"})).await;
    let data = socket.once("client:updated", |_| true).await;
    let client = &data["client"];
    assert_eq!((concern(client), &client["status"]), ("ACCOUNT_RESTRICTED", &json!("CONNECTED")));
    assert_eq!(client["attention"]["until"], "2030-01-01T00:00:00.000Z", "{client}");
    maria.send_text(&ana, "I still can").await.is(201);
}

async fn a_number_and_its_limits_are_what_meta_says(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    later(&town).await;
    let name = json!({"requested_verified_name": "Example Hiring"});
    let news = json!({"field": "phone_number_name_update", "value": name});
    tell(&town, &maria, news).await;
    let named = |data: &Value| data["client"]["verifiedName"] == "Example Hiring";
    socket.once("client:updated", named).await;
    tell(
        &town,
        &maria,
        json!({"field": "business_capability_update",
        "value": {"max_daily_conversations_per_business": 10_000}}),
    )
    .await;
    let limited = |data: &Value| data["client"]["messagingLimit"] == "TIER_10K";
    socket.once("client:updated", limited).await;
    tell(
        &town,
        &maria,
        json!({"field": "phone_number_quality_update",
        "value": {"event": "FLAGGED", "max_daily_conversations_per_business": "TIER_10K"}}),
    )
    .await;
    let flagged =
        socket.once("client:updated", |data| data["client"]["qualityRating"] == "RED").await;
    assert_eq!(concern(&flagged["client"]), "NUMBER_FLAGGED", "{flagged}");
    tell(&town, &maria, json!({"field": "account_alerts"})).await;
    // What they come to is shown to whoever looks, too.
    assert_eq!(concern(&maria.client().await), "NUMBER_FLAGGED");
}
