//! Candidates as they are since numbers can be hidden: with a number, with an id, with both, with others
//! than yesterday. And what they change, take back, and choose.

use serde_json::{Value, json};

use crate::kit::{Recruiter, Store, Town, Update, body, inbound, on_both_stores, status};

on_both_stores! {
    a_number_and_an_id_that_turn_out_to_be_one_person_become_one_conversation,
    whoever_changes_their_number_is_answered_at_the_new_one,
    a_message_is_edited_and_taken_back_in_place,
    what_the_business_wrote_on_its_own_phone_is_shown_and_opens_nothing,
    whoever_stopped_marketing_gets_none,
}

const ANA: &str = "4915500000001";
const USER: &str = "DE.7001";

/// Delivers one value of a field.
async fn tell(town: &Town, maria: &Recruiter, field: &str, value: Value) {
    let mut whole = body(&[(maria.account(), value)]);
    whole["entry"][0]["changes"][0]["field"] = json!(field);
    town.deliver(&Update::of(&whole)).await.is(200);
}

async fn seconds(town: &Town) -> i64 {
    town.meta.now_ms().await / 1000
}

fn text_of(user: Option<&str>, phone: Option<&str>, wamid: &str, second: i64) -> Value {
    let mut message = inbound("", wamid, second, wamid);
    message.as_object_mut().expect("an object").remove("from");
    for (key, value) in [("from", phone), ("from_user_id", user)] {
        if let Some(value) = value {
            message[key] = json!(value);
        }
    }
    json!({"messages": [message]})
}

async fn a_number_and_an_id_that_turn_out_to_be_one_person_become_one_conversation(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = seconds(&town).await;
    tell(&town, &maria, "messages", text_of(Some(USER), None, "wamid.1", second)).await;
    let by_id = socket.hears("wamid.1").await["conversation"].clone();
    tell(&town, &maria, "messages", text_of(None, Some(ANA), "wamid.2", second + 1)).await;
    let by_number = socket.hears("wamid.2").await["conversation"].clone();
    assert_ne!(by_id["id"], by_number["id"]);
    assert_eq!(by_id["candidate"]["phoneNumber"], json!(null));

    tell(&town, &maria, "messages", text_of(Some(USER), Some(ANA), "wamid.3", second + 2)).await;
    let gone =
        socket.until("conversation:updated", |data| data["conversation"]["id"] == by_number["id"]);
    let gone = gone.await["conversation"].clone();
    assert_eq!((&gone["mergedInto"], &gone["hidden"]), (&by_id["id"], &json!(true)));
    let told = socket.hears("wamid.3").await;
    assert_eq!(told["conversation"]["id"], by_id["id"]);
    assert_eq!(told["conversation"]["unreadCount"], 3);
    assert_eq!(told["conversation"]["candidate"]["phoneNumber"], format!("+{ANA}"));

    // Both ids answer alike, with everything in one order; lists show one.
    assert_eq!(maria.conversations("").await["data"].as_array().expect("rows").len(), 1);
    for id in [&by_id["id"], &by_number["id"]] {
        assert_eq!(maria.conversation(id).await["id"], by_id["id"]);
        let messages = maria.messages(id).await;
        let wamids: Vec<&str> = messages.iter().filter_map(|m| m["wamid"].as_str()).collect();
        assert_eq!(wamids, ["wamid.3", "wamid.2", "wamid.1"]);
        assert!(messages.iter().all(|message| message["conversationId"] == by_id["id"]));
    }
    // A send to the old id, and to the number, goes into the one that is left.
    for target in [json!({"conversationId": by_number["id"]}), json!({"to": format!("+{ANA}")})] {
        let mut order = target;
        order["text"] = json!("hello");
        let sent = maria.post("/api/messages/text", order).await.is(201);
        assert_eq!(sent["conversationId"], by_id["id"]);
    }
    let path = format!("/api/conversations/{}/read", by_number["id"].as_str().expect("an id"));
    assert_eq!(maria.patch(&path, None).await.is(200)["unreadCount"], 0);
    // Deleting the one that is left hides all of it.
    let path = format!("/api/conversations/{}", by_number["id"].as_str().expect("an id"));
    maria.delete(&path).await.is(204);
    assert_eq!(maria.conversations("").await["data"], json!([]));
    maria.get(&path).await.refused(404, "CONVERSATION_NOT_FOUND");
}

async fn whoever_changes_their_number_is_answered_at_the_new_one(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let (second, new) = (seconds(&town).await, "4915500000009");
    tell(&town, &maria, "messages", text_of(Some(USER), Some(ANA), "wamid.1", second)).await;
    let before = socket.hears("wamid.1").await["conversation"].clone();
    let notice = json!({"messages": [{"from": ANA, "id": "wamid.n", "timestamp": (second + 1).to_string(),
        "type": "system", "system": {"body": "changed", "wa_id": new, "user_id": "DE.7002",
            "previous_user_id": USER, "type": "user_changed_number"}}]});
    tell(&town, &maria, "messages", notice).await;
    let told = socket.until("message:incoming", |data| data["message"]["type"] == "system").await;
    assert_eq!(told["conversation"]["id"], before["id"]);
    assert_eq!(told["conversation"]["candidate"]["phoneNumber"], format!("+{new}"));
    assert_eq!(told["conversation"]["candidate"]["userId"], "DE.7002");

    let order = json!({"conversationId": before["id"], "text": "still there?"});
    maria.post("/api/messages/text", order).await.is(201);
    assert_eq!(town.meta.accepted_for(new).await, 1);
    assert_eq!(town.meta.accepted_for(ANA).await, 0);
    // The old number has new hands: somebody else.
    tell(&town, &maria, "messages", text_of(Some("DE.8000"), Some(ANA), "wamid.2", second + 9))
        .await;
    let other = socket.hears("wamid.2").await["conversation"].clone();
    assert_ne!(other["id"], before["id"]);
}

async fn a_message_is_edited_and_taken_back_in_place(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = seconds(&town).await;
    // The edit overtakes its message.
    let edit = json!({"from": ANA, "id": "wamid.e", "timestamp": (second + 5).to_string(),
        "type": "edit", "edit": {"original_message_id": "wamid.m",
            "message": {"type": "text", "text": {"body": "I meant Tuesday"}}}});
    tell(&town, &maria, "messages", json!({"messages": [edit]})).await;
    let original = inbound(ANA, "wamid.m", second, "Monday");
    tell(&town, &maria, "messages", json!({"messages": [original]})).await;
    let told = socket.hears("I meant Tuesday").await;
    assert_ne!(told["message"]["editedAt"], json!(null));
    assert_eq!(told["conversation"]["lastMessage"]["preview"], "I meant Tuesday");

    let revoke = json!({"from": ANA, "id": "wamid.r", "timestamp": (second + 9).to_string(),
        "type": "revoke", "revoke": {"original_message_id": "wamid.m"}});
    tell(&town, &maria, "messages", json!({"messages": [revoke]})).await;
    let told = socket.expect("message:updated").await;
    assert_ne!(told["message"]["revokedAt"], json!(null));
    assert_eq!(told["conversation"]["unreadCount"], 1);
    let conversation = &told["conversation"]["id"];
    assert_eq!(maria.messages(conversation).await, [told["message"].clone()]);
}

async fn what_the_business_wrote_on_its_own_phone_is_shown_and_opens_nothing(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = seconds(&town).await;
    let echo = json!({"from": "15550000000", "to": ANA, "id": "wamid.z", "type": "text",
        "timestamp": second.to_string(), "text": {"body": "from the app"}});
    tell(&town, &maria, "smb_message_echoes", json!({"message_echoes": [echo]})).await;
    let told = socket.expect("message:sent").await;
    assert_eq!(
        (&told["message"]["direction"], &told["message"]["status"]),
        (&json!("OUTBOUND"), &json!("SENT"))
    );
    assert_eq!(
        (&told["conversation"]["inWindow"], &told["conversation"]["unreadCount"]),
        (&json!(false), &json!(0))
    );
    let report = json!({"statuses": [status("wamid.z", "read", second + 1, ANA)]});
    tell(&town, &maria, "messages", report).await;
    socket.message_is(&told["message"]["id"], "READ").await;
    assert_eq!(town.meta.accepted_for(ANA).await, 0);
}

async fn whoever_stopped_marketing_gets_none(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone(ANA);
    let second = seconds(&town).await;
    let choice = |value: &str, second: i64| {
        json!({"contacts": [{"wa_id": ANA}], "user_preferences": [{"wa_id": ANA, "value": value,
            "category": "marketing_messages", "detail": "", "timestamp": second}]})
    };
    tell(&town, &maria, "user_preferences", choice("stop", second)).await;
    let told = socket.expect("conversation:updated").await["conversation"].clone();
    assert_eq!(told["candidate"]["marketingStopped"], true);
    // Nobody wrote yet: there is nothing to list.
    assert_eq!(maria.conversations("").await["data"], json!([]));
    let more = json!({"category": "MARKETING"});
    town.meta.template(maria.account(), "offer", "en_US", more).await;
    maria.post("/api/templates/sync", json!({})).await.is(200);
    let offer = json!({"to": ana.dialled(), "template": {"name": "offer", "language": "en_US"},
        "variables": ["Ana"]});
    let refused = maria.post("/api/messages/template", offer.clone()).await;
    refused.refused(409, "CANDIDATE_OPTED_OUT");
    // A word of before the last one changes nothing; a later one does.
    tell(&town, &maria, "user_preferences", choice("resume", second - 5)).await;
    tell(&town, &maria, "user_preferences", choice("resume", second + 5)).await;
    let told = socket.expect("conversation:updated").await["conversation"].clone();
    assert_eq!(told["candidate"]["marketingStopped"], false);
    maria.post("/api/messages/template", offer).await.is(201);
}
