//! The candidate's phone: what it shows, what its owner writes, and who it is for whom.

use sandbox::meta::account::DEFAULT_PHONE_NUMBER_ID;
use serde_json::{Value, json};

use crate::meta_kit::{ANA, Sim, template, text};

#[tokio::test]
async fn a_conversation_is_visible_on_the_phone() {
    let sim = Sim::start().await;
    let phone = format!("/phone/+{ANA}");
    assert_eq!(sim.control("GET", &phone, None).await["messages"], json!([]));
    sim.send(template(ANA, "Ana")).await;
    let shown = sim.control("GET", &phone, None).await;
    let message = &shown["messages"][0];
    assert_eq!(message["direction"], "in");
    assert!(message["text"].as_str().is_some_and(|text| text.starts_with("Hi Ana, thank you")));
    assert_eq!(message["content"]["buttons"][0]["payload"], "Yes, please");
    assert_eq!((&message["status"], &shown["unread"]), (&json!("delivered"), &json!(1)));

    let reply = json!({"type": "button", "button": {"payload": "Yes, please", "text": "Yes, please"},
        "context": {"id": message["wamid"], "from": "15550783881"}});
    let wamid = sim.writes(ANA, reply).await;
    sim.send(text(ANA, "wonderful")).await;
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid,
        "typing_indicator": {"type": "text"}});
    assert_eq!(sim.send(receipt.clone()).await.json(), json!({"success": true}));
    let shown = sim.control("GET", &phone, None).await;
    let texts: Vec<&Value> =
        shown["messages"].as_array().expect("messages").iter().map(|m| &m["text"]).collect();
    assert_eq!(texts[1..], ["Yes, please", "wonderful"]);
    assert_eq!(shown["messages"][1]["replyTo"], shown["messages"][0]["wamid"]);
    assert_eq!(shown["messages"][1]["status"], "read");
    assert_eq!(shown["typing"], json!([DEFAULT_PHONE_NUMBER_ID]));

    let mut wrong = receipt;
    wrong["message_id"] = shown["messages"][2]["wamid"].clone();
    assert_eq!(sim.send(wrong.clone()).await.refusal(), (400, 100));
    wrong["message_id"] = json!("wamid.unknown");
    assert_eq!(sim.send(wrong).await.refusal(), (400, 100));
}

#[tokio::test]
async fn a_watcher_hears_of_news_at_once() {
    let sim = Sim::start().await;
    sim.send(template(ANA, "Ana")).await;
    let version = sim.control("GET", &format!("/phone/{ANA}"), None).await["version"].clone();
    let path = format!("/phone/{ANA}?after={version}");
    let watch = sim.control("GET", &path, None);
    let news = sim.send(template(ANA, "Ana"));
    let (shown, _) = tokio::join!(watch, news);
    assert_eq!(shown["messages"].as_array().map(Vec::len), Some(2));
    let listed = sim.control("GET", "/phone", None).await;
    assert_eq!(listed["data"][0]["unread"], 2);
}

#[tokio::test]
async fn all_kinds_of_messages_arrive_as_meta_words_them() {
    let mut sim = Sim::start().await;
    let kinds = [
        json!({"type": "image", "image": {"mime_type": "image/png", "caption": "me"}}),
        json!({"type": "interactive", "interactive": {"type": "button_reply",
            "button_reply": {"id": "1", "title": "Yes"}}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "\u{1f44d}"}}),
        json!({"type": "unsupported", "unsupported": {"type": "poll"}}),
        json!({"type": "text", "text": {"body": "old"}, "timestamp": 1_760_000_000}),
    ];
    let mut arrived = Vec::new();
    for kind in kinds {
        sim.writes(ANA, kind).await;
        arrived.push(sim.app.next().await.value()["messages"][0].clone());
    }
    assert!(arrived[0]["image"]["id"].is_string(), "media get an id");
    assert_eq!(arrived[1]["interactive"]["button_reply"]["title"], "Yes");
    assert_eq!(arrived[2]["reaction"]["emoji"], "\u{1f44d}");
    assert_eq!(arrived[3]["errors"][0]["code"], 131_051);
    assert_eq!(arrived[4]["timestamp"], "1760000000");
    let path = format!("/phone/{ANA}/messages");
    let bad = sim.call("POST", &path, None, Some(json!({"type": "image"})));
    assert_eq!(bad.await.expect("an answer").status, 400);
}

#[tokio::test]
async fn a_person_without_a_number_is_reached_by_user_id() {
    let mut sim = Sim::start().await;
    sim.writes(ANA, json!({"text": "hi", "hidePhone": true})).await;
    let value = sim.app.next().await.value();
    assert!(value["messages"][0].get("from").is_none());
    assert!(value["contacts"][0].get("wa_id").is_none());
    let user = value["messages"][0]["from_user_id"].as_str().expect("a user id").to_owned();

    let body = json!({"messaging_product": "whatsapp", "recipient": user, "type": "text",
        "text": {"body": "hello"}});
    let answer = sim.send(body).await.json();
    assert_eq!(answer["contacts"], json!([{"input": user, "user_id": user}]));
    let shown = sim.control("GET", &format!("/phone/{ANA}"), None).await;
    assert_eq!(shown["messages"][1]["text"], "hello");

    let other = sim.control("POST", "/graph/_accounts", Some(json!({}))).await;
    let (token, id) = (&other["accessToken"], &other["phoneNumberId"]);
    let body = json!({"messaging_product": "whatsapp", "recipient": user, "type": "text",
        "text": {"body": "hello"}});
    let path = format!("/graph/v25.0/{}/messages", id.as_str().expect("an id"));
    let foreign = sim.call("POST", &path, token.as_str(), Some(body)).await.expect("an answer");
    assert_eq!(foreign.refusal().1, 131_026, "the id is of another portfolio");
}
