//! What Meta says of accounts, numbers and templates: from the body to what is then known and told, on both
//! stores.

mod account_rules;
mod any_order;
mod desk;
mod meta;
mod template_rules;

use std::sync::Arc;

use core_service::{
    domain::{client::ClientStatus, onboarding::Concern},
    secret::Secret,
    store::{Store, mongo::Mongo},
};
use serde_json::{Value, json};

use self::desk::Desk;
use crate::{faulty, lanes::until};

const STATUS: &str = "message_template_status_update";
const ACCOUNT: &str = "account_update";

fn template(id: u64, name: &str, event: &str) -> Value {
    json!({"event": event, "message_template_id": id, "message_template_name": name,
        "message_template_language": "en-US", "reason": "NONE"})
}

fn ban(state: &str) -> Value {
    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}})
}

async fn of_templates(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    desk.news(10, STATUS, &template(1, "initiate", "PAUSED")).await;
    // Late, and again.
    desk.news(5, STATUS, &template(1, "initiate", "APPROVED")).await;
    desk.news(11, STATUS, &template(1, "initiate", "PAUSED")).await;
    assert_eq!(desk.template("initiate").await.unwrap().definition.status, "PAUSED");
    let quality = json!({"message_template_id": 2, "message_template_name": "reengage",
        "message_template_language": "en-US", "new_quality_score": "RED"});
    desk.news(12, "message_template_quality_update", &quality).await;
    let mut category = quality.clone();
    (category["previous_category"], category["new_category"]) =
        (json!("UTILITY"), json!("MARKETING"));
    desk.news(13, "template_category_update", &category).await;
    let reengage = desk.template("reengage").await.unwrap();
    assert_eq!(reengage.definition.quality.as_deref(), Some("RED"));
    assert!(reengage.definition.is_marketing());
    desk.news(14, STATUS, &template(2, "reengage", "DELETED")).await;
    assert!(desk.template("reengage").await.is_none());
    let told = desk.told().await;
    assert_eq!(
        told,
        ["initiate PAUSED", "reengage APPROVED", "reengage APPROVED", "reengage DELETED"]
    );
    assert_eq!(desk.meta.asked(), 1, "Meta was asked when it was connected, and not since");
    desk.close().await;
}

async fn of_what_only_meta_knows(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    desk.meta.add(9_007_199_254_740_993, "invite");
    desk.meta.is_away(1);
    let invite = template(9_007_199_254_740_993, "invite", "APPROVED");
    desk.news(10, STATUS, &invite).await;
    // Meta is away the first time: it stays wanted.
    until(async || desk.meta.asked() == 2).await;
    assert!(desk.client().await.standing.is_stale());
    until(async || desk.template("invite").await.is_some()).await;
    until(async || !desk.client().await.standing.is_stale()).await;
    desk.news(10, STATUS, &invite).await;
    assert_eq!(desk.told().await, ["invite APPROVED"]);

    let number = json!({"display_phone_number": "15550783881", "event": "FLAGGED"});
    desk.news(20, "phone_number_quality_update", &number).await;
    let quality = async || desk.client().await.connection.unwrap().quality_rating;
    assert_eq!(quality().await.as_deref(), Some("RED"));
    desk.meta.rates("YELLOW");
    let number = json!({"display_phone_number": "15550783881", "event": "UNFLAGGED"});
    desk.news(21, "phone_number_quality_update", &number).await;
    until(async || quality().await.as_deref() == Some("YELLOW")).await;
    assert_eq!(desk.client().await.shown_attention(), None);
    desk.close().await;
}

async fn of_the_account(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    // The end of the ban comes first.
    desk.news(20, ACCOUNT, &ban("REINSTATE")).await;
    desk.news(10, ACCOUNT, &ban("DISABLE")).await;
    assert_eq!(desk.client().await.status, ClientStatus::Connected);
    desk.news(30, ACCOUNT, &ban("DISABLE")).await;
    desk.news(30, ACCOUNT, &ban("DISABLE")).await;
    let stopped = desk.client().await;
    assert_eq!(stopped.status, ClientStatus::Restricted);
    assert_eq!(stopped.shown_attention().unwrap().since, desk.moment(30));
    desk.news(40, ACCOUNT, &ban("REINSTATE")).await;
    let restriction = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 4_000_000_000_u64}]});
    desk.news(50, ACCOUNT, &restriction).await;
    let limited = desk.client().await;
    assert_eq!(limited.status, ClientStatus::Connected);
    assert_eq!(limited.shown_attention().unwrap().concern, Concern::AccountRestricted);
    let told = desk.told().await;
    assert_eq!(
        told,
        ["Restricted Some(AccountDisabled)", "Connected None", "Connected Some(AccountRestricted)"]
    );
    desk.close().await;
}

async fn of_whom_it_reaches(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let named = |number: &str| {
        json!({"display_phone_number": number, "decision": "APPROVED",
            "requested_verified_name": "Example"})
    };
    desk.news(10, "phone_number_name_update", &named("15550783882")).await;
    desk.take(&desk.body("1", 11, ACCOUNT, &ban("DISABLE"))).await;
    // The entry of news of partners is our own business.
    let info = json!({"waba_id": "1", "partner_app_id": 670});
    let removed = json!({"event": "PARTNER_REMOVED", "waba_info": info});
    desk.take(&desk.body(desk::WABA, 12, ACCOUNT, &removed)).await;
    assert_eq!(desk.told().await, [""; 0]);
    let aside = desk.set_aside().await;
    let [number, account, partner] = &aside[..] else { panic!("{aside:?}") };
    assert_eq!((number.as_str(), account), ("the number has no live client", partner));
    desk.news(13, "phone_number_name_update", &named("+1 (555) 078-3881")).await;
    desk.news(14, "phone_number_name_update", &named("15550783881")).await;
    let connection = desk.client().await.connection.unwrap();
    assert_eq!(connection.verified_name.as_deref(), Some("Example"));
    assert_eq!(desk.told().await, ["Connected None"]);
    let info = json!({"waba_id": desk::WABA});
    let removed = json!({"event": "PARTNER_REMOVED", "waba_info": info});
    desk.take(&desk.body("5", 15, ACCOUNT, &removed)).await;
    assert_eq!(desk.client().await.status, ClientStatus::Disconnected);
    desk.close().await;
}

async fn of_a_batch(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let change = |field: &str, value: Value| json!({"field": field, "value": value});
    let mut body = desk.body(desk::WABA, 10, STATUS, &template(1, "initiate", "PAUSED"));
    body["entry"][0]["changes"].as_array_mut().unwrap().extend([
        change(STATUS, json!({"event": "APPROVED"})),
        change("a_field_to_come", json!({"of": "whatever"})),
        change("account_review_update", json!({"decision": "REJECTED"})),
        change(STATUS, template(2, "reengage", "REJECTED")),
    ]);
    desk.take(&body).await;
    assert_eq!(
        desk.told().await,
        ["initiate PAUSED", "Connected Some(AccountRejected)", "reengage REJECTED"]
    );
    assert_eq!(desk.set_aside().await, ["news of a template do not say which one"]);
    desk.close().await;
}

macro_rules! on_both_stores {
    ($($story:ident => $embedded:ident, $mongodb:ident;)*) => {$(
        #[tokio::test]
        async fn $embedded() {
            $story(faulty::store()).await;
        }

        #[tokio::test]
        async fn $mongodb() {
            let database = dev_mongod::shared().await.database();
            let uri = Secret::new(database.uri().to_owned());
            $story(Arc::new(Mongo::open(&uri, database.name()).await.unwrap())).await;
        }
    )*};
}

on_both_stores! {
    of_templates => news_of_templates_embedded, news_of_templates_mongodb;
    of_what_only_meta_knows => what_only_meta_knows_embedded, what_only_meta_knows_mongodb;
    of_the_account => news_of_the_account_embedded, news_of_the_account_mongodb;
    of_whom_it_reaches => whom_it_reaches_embedded, whom_it_reaches_mongodb;
    of_a_batch => news_in_a_batch_embedded, news_in_a_batch_mongodb;
}
