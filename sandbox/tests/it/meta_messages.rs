//! Every kind of message that a person can send, in Meta's exact shape.

use sandbox::meta::account::{DEFAULT_NUMBER, DEFAULT_PHONE_NUMBER_ID};
use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, template};

/// Ana writes; the message as the webhook has it.
async fn arrives(sim: &mut Sim, message: Value) -> Value {
    sim.writes(ANA, message).await;
    sim.app.next().await.value()["messages"][0].clone()
}

#[tokio::test]
async fn each_kind_carries_the_object_of_its_name_and_nothing_foreign() {
    let mut sim = Sim::start().await;
    let flow = r#"{"flow_token":"t","when":"monday"}"#;
    let kinds = [
        json!({"type": "text", "text": {"body": "hi"}}),
        json!({"type": "location", "location": {"latitude": 44.4, "longitude": 26.1, "name": "Office",
            "address": "1 Main St", "url": "https://host/"}}),
        json!({"type": "button", "button": {"payload": "YES", "text": "Yes"}}),
        json!({"type": "interactive", "interactive": {"type": "button_reply",
            "button_reply": {"id": "1", "title": "Yes"}}}),
        json!({"type": "interactive", "interactive": {"type": "list_reply",
            "list_reply": {"id": "1", "title": "Monday", "description": "10:00"}}}),
        json!({"type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": flow}}}),
        json!({"type": "interactive", "interactive": {"type": "call_permission_reply",
            "call_permission_reply": {"response": "accept", "response_source": "user_action"}}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "\u{1f44d}"}}),
        json!({"type": "order", "order": {"catalog_id": "7", "text": "please", "product_items": [
            {"product_retailer_id": "a", "quantity": 2, "item_price": 9.5, "currency": "EUR"}]}}),
        json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "16505550000"}}),
        json!({"type": "request_welcome"}),
        json!({"type": "hologram", "hologram": {"depth": 3}}),
        json!({"type": "audio", "audio": {"id": "9", "mime_type": "audio/ogg; codecs=opus",
            "sha256": "c2hh", "voice": true}}),
        json!({"type": "sticker", "sticker": {"id": "9", "mime_type": "image/webp",
            "sha256": "c2hh", "animated": true}}),
    ];
    for sent in kinds {
        let mut message = arrives(&mut sim, sent.clone()).await;
        let fields = message.as_object_mut().expect("an object");
        let system = sent["type"] == "system";
        assert_eq!(fields.remove("from").expect("from"), ANA);
        assert_eq!(fields.remove("from_user_id").is_none(), system, "{sent}");
        assert!(fields.remove("id").is_some() && fields.remove("timestamp").is_some());
        assert_eq!(message, sent);
    }
}

#[tokio::test]
async fn what_meta_adds_and_leaves_out() {
    let mut sim = Sim::start().await;
    let card = json!({"name": {"formatted_name": "Ben"}, "phones": [{"phone": "+1 650"}]});
    let shared = json!({"vcard": "BEGIN:VCARD", "origin": "contact_request"});
    let cards = arrives(&mut sim, json!({"type": "contacts", "contacts": [card, shared]})).await;
    assert_eq!(cards["contacts"][0]["origin"], "other");
    assert_eq!(cards["contacts"][1]["origin"], "contact_request");

    let gone = json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": null}});
    let gone = arrives(&mut sim, gone).await;
    assert_eq!(gone["reaction"], json!({"message_id": "wamid.x"}), "the key is absent");

    for kind in ["unsupported", "unknown"] {
        let odd = arrives(&mut sim, json!({"type": kind})).await;
        assert_eq!((&odd["errors"][0]["code"], odd.get(kind)), (&json!(131_051), None));
    }
    let poll = json!({"type": "unsupported", "unsupported": {"type": "poll"}});
    assert_eq!(arrives(&mut sim, poll).await["unsupported"], json!({"type": "poll"}));

    sim.writes(ANA, json!({"type": "interactive"})).await;
    let value = sim.app.next().await.value();
    assert!(value["messages"][0].get("interactive").is_none());
    assert_eq!(value["errors"][0]["error_data"]["details"], "Unsupported webhook payload");
    sim.writes(ANA, json!({"text": "x", "valueErrors": [{"code": 130_429}]})).await;
    assert_eq!(sim.app.next().await.value()["errors"], json!([{"code": 130_429}]));
}

#[tokio::test]
async fn a_reply_says_whose_message_it_answers() {
    let mut sim = Sim::start().await;
    sim.settings(json!({"statuses": "off"})).await;
    let theirs = sim.send(template(ANA, "Ana")).await.json()["messages"][0]["id"].clone();
    let mine = sim.writes(ANA, json!({"text": "one"})).await;
    sim.app.next().await;
    let reply = |context: Value| json!({"text": "two", "context": context});
    let cases = [
        (json!({"id": theirs}), json!({"id": theirs, "from": DEFAULT_NUMBER})),
        (json!({"id": mine}), json!({"id": mine, "from": ANA})),
        (json!({"id": "wamid.unseen"}), json!({"id": "wamid.unseen", "from": DEFAULT_NUMBER})),
        (json!({"forwarded": true}), json!({"forwarded": true})),
        (json!({"frequently_forwarded": true}), json!({"frequently_forwarded": true})),
        (
            json!({"id": theirs, "from": "1", "referred_product": {"catalog_id": "7"}}),
            json!({"id": theirs, "from": "1", "referred_product": {"catalog_id": "7"}}),
        ),
    ];
    for (asked, told) in cases {
        assert_eq!(arrives(&mut sim, reply(asked)).await["context"], told);
    }
    let referral = json!({"source_type": "ad", "source_id": "1", "ctwa_clid": "x"});
    let from_ad = arrives(&mut sim, json!({"text": "hi", "referral": referral})).await;
    assert_eq!(from_ad["referral"], referral);
}

#[tokio::test]
async fn edits_and_revokes_change_the_phone_and_open_no_window() {
    let mut sim = Sim::start().await;
    let wamid = sim.writes(ANA, json!({"text": "first"})).await;
    sim.app.next().await;
    let edit = json!({"type": "edit", "edit": {"original_message_id": wamid,
        "message": {"type": "text", "text": {"body": "second"}}}});
    let told = arrives(&mut sim, edit.clone()).await;
    assert_eq!(told["edit"], edit["edit"]);
    assert_ne!(told["id"], wamid.as_str(), "an edit is a message of its own");
    let seen = |phone: Value| {
        let one = phone["messages"][0].clone();
        (phone["messages"].as_array().map(Vec::len), one["text"].clone(), one["edited"].clone())
    };
    let phone = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(seen(phone), (Some(1), json!("second"), json!(true)));

    let revoke = json!({"type": "revoke", "revoke": {"original_message_id": wamid}});
    assert_eq!(arrives(&mut sim, revoke.clone()).await["revoke"], revoke["revoke"]);
    let phone = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(
        (&phone["messages"][0]["text"], &phone["messages"][0]["revoked"]),
        (&json!("[deleted]"), &json!(true))
    );

    sim.control("POST", "/graph/_clock", Some(json!({"advance": "25h"}))).await;
    let unseen = json!({"type": "revoke", "revoke": {"original_message_id": "wamid.unseen"}});
    arrives(&mut sim, unseen).await;
    sim.settings(json!({"windowSync": true})).await;
    let late = crate::meta_kit::text(ANA, "late");
    assert_eq!(sim.send(late).await.refusal(), (400, 131_047));
}

#[tokio::test]
async fn the_business_writes_on_its_own_phone() {
    let mut sim = Sim::start().await;
    sim.settings(json!({"windowSync": true})).await;
    let waba = sandbox::meta::account::DEFAULT_WABA_ID;
    let path = format!("/graph/_accounts/{waba}/numbers/{DEFAULT_PHONE_NUMBER_ID}/echo");
    let echo = json!({"to": ANA, "text": "from the shop", "statuses": true});
    let wamid = sim.control("POST", &path, Some(echo)).await["wamid"].clone();
    let (mut told, mut statuses) = (Value::Null, Vec::new());
    for _ in 0..3 {
        let value = sim.app.next().await.value();
        match value["statuses"][0]["status"].as_str() {
            Some(status) => statuses.push(status.to_owned()),
            None => told = value,
        }
    }
    statuses.sort_unstable();
    assert_eq!(statuses, ["delivered", "sent"]);
    let echo = &told["message_echoes"][0];
    assert_eq!((&echo["from"], &echo["to"]), (&json!(DEFAULT_NUMBER), &json!(ANA)));
    assert_eq!((&echo["id"], &echo["text"]["body"]), (&wamid, &json!("from the shop")));
    assert!(echo["to_user_id"].is_string() && told["metadata"]["phone_number_id"].is_string());
    let cold = crate::meta_kit::text(ANA, "cold");
    assert_eq!(sim.send(cold).await.refusal().1, 131_047, "an echo opens no window");

    let revoke = json!({"to": ANA, "type": "revoke", "revoke": {"original_message_id": wamid}});
    sim.control("POST", &path, Some(revoke)).await;
    let told = sim.app.next().await.value();
    assert_eq!(told["message_echoes"][0]["revoke"]["original_message_id"], wamid);
    let phone = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(phone["messages"][0]["revoked"], true);
}
