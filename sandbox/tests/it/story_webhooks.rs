//! Webhooks as Meta really sends them: twice, out of order, too early, in mixed batches.

use futures_util::{StreamExt as _, future::join, stream};
use serde_json::{Value, json};

use crate::kit::{Store, Town, Update, body, ids, inbound, of_type, on_both_stores, status};

on_both_stores! {
    each_webhook_twice_at_the_same_time_counts_once,
    statuses_in_every_order_end_the_same,
    a_status_may_come_before_the_answer_and_a_failure_before_a_delivery,
    one_bad_element_never_spoils_its_batch,
    every_kind_of_message_is_shown_or_kept,
}

const ANA: &str = "4915300000001";

async fn each_webhook_twice_at_the_same_time_counts_once(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    let updates: Vec<Update> = (0..100)
        .map(|n| {
            let message = inbound(ANA, &format!("wamid.twice.{n}"), second, &format!("text {n}"));
            Update::of(&body(&[(maria.account(), json!({"messages": [message]}))]))
        })
        .collect();
    let twice = stream::iter(&updates)
        .map(|update| join(town.deliver(update), town.deliver(update)))
        .buffer_unordered(32);
    for (one, other) in twice.collect::<Vec<_>>().await {
        assert_eq!(one.is(200), json!({"received": true}));
        assert_eq!(other.is(200), json!({"received": true}));
    }
    // The same message in other bytes, and Meta's own doubling.
    let again = inbound(ANA, "wamid.twice.7", second, "text 7");
    let last = inbound(ANA, "wamid.last", second, "last");
    let value = json!({"messages": [again, again, last]});
    town.deliver(&Update::of(&body(&[(maria.account(), value)]))).await.is(200);
    town.meta.rule(json!({"on": "webhook", "times": 1, "do": {"duplicate": 3}})).await;
    town.phone(ANA).writes(maria.account(), "really last").await;

    let conversation = socket.hears("really last").await["conversation"].clone();
    assert_eq!(conversation["unreadCount"], 102);
    assert_eq!(of_type(&socket.seen, "message:incoming").len(), 102);
    assert_eq!(maria.messages(&conversation["id"]).await.len(), 102);
    assert_eq!(ids(&maria.events(None).await).last(), ids(&socket.seen).last());
}

async fn statuses_in_every_order_end_the_same(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    town.meta.settings(json!({"statuses": "off"})).await;
    let mut socket = maria.socket().await;
    let second = town.meta.now_ms().await / 1000;
    let steps = [("sent", second), ("delivered", second + 1), ("read", second + 2)];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (row, order) in orders.iter().enumerate() {
        let phone = town.phone(&format!("49153000001{row:02}"));
        let sent = maria.send_template(&phone, "Ana").await.is(201);
        let wamid = sent["wamid"].as_str().expect("a wamid");
        for step in order {
            let (name, at) = steps[*step];
            let value = json!({"statuses": [status(wamid, name, at, &phone.number)]});
            town.deliver(&Update::of(&body(&[(maria.account(), value)]))).await.is(200);
        }
        socket.message_is(&sent["id"], "READ").await;
        // One more, so that everything before it has been applied.
        let value = json!({"statuses": [status(wamid, "delivered", second + 9, &phone.number)]});
        town.deliver(&Update::of(&body(&[(maria.account(), value)]))).await.is(200);
        town.arrive(maria.account(), &[(&phone.number, &format!("mark {row}"))]).await;
        socket.hears(&format!("mark {row}")).await;

        let message = maria.message(&sent["id"]).await;
        assert_eq!(message["status"], "READ", "{order:?}");
        let history = message["statusHistory"].as_array().expect("steps");
        for (name, at) in [("SENT", second), ("DELIVERED", second + 1), ("READ", second + 2)] {
            let step = history.iter().find(|step| step["status"] == name).expect("every step");
            let at = chrono::DateTime::from_timestamp(at, 0).expect("a time");
            let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(step["at"], json!(at), "{order:?}: {name}");
        }
        // What is told never falls back.
        let rank = ["SENDING", "ACCEPTED", "SENT", "DELIVERED", "READ"];
        let told: Vec<usize> = of_type(&socket.seen, "message:status")
            .iter()
            .filter(|data| data["messageId"] == sent["id"])
            .map(|data| rank.iter().position(|name| data["status"] == *name).expect("known"))
            .collect();
        assert!(told.is_sorted_by(|a, b| a < b), "{order:?}: {told:?}");
    }
}

async fn a_status_may_come_before_the_answer_and_a_failure_before_a_delivery(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone(ANA);
    town.meta.on_send(1, ANA, json!({"statusBeforeAnswer": true})).await;
    let sent = maria.send_template(&ana, "Ana").await.is(201);
    socket.message_is(&sent["id"], "DELIVERED").await;
    assert_eq!(town.meta.accepted_for(ANA).await, 1);
    let told = of_type(&socket.seen, "message:status");
    assert!(told.iter().all(|data| data["status"] != "FAILED" && data["status"] != "UNKNOWN"));

    // Of a message nobody knows, and of one that failed and then arrived all the same.
    let second = town.meta.now_ms().await / 1000;
    let wamid = sent["wamid"].as_str().expect("a wamid");
    let ben = town.phone("4915300000002");
    town.meta.settings(json!({"statuses": "off"})).await;
    let letter = maria.send_template(&ben, "Ben").await.is(201);
    let wamid_of_ben = letter["wamid"].as_str().expect("a wamid");
    let mut failed = status(wamid_of_ben, "failed", second, &ben.number);
    failed["errors"] = json!([{"code": 131_026, "title": "Message undeliverable"}]);
    let unknown = status("wamid.nobodys", "read", second, ANA);
    let strange = status(wamid, "warned", second, ANA);
    let value = json!({"statuses": [unknown, strange, failed]});
    town.deliver(&Update::of(&body(&[(maria.account(), value)]))).await.is(200);
    let told = socket.message_is(&letter["id"], "FAILED").await;
    assert_eq!(told["error"]["code"], 131_026);
    let value = json!({"statuses": [status(wamid_of_ben, "delivered", second, &ben.number)]});
    town.deliver(&Update::of(&body(&[(maria.account(), value)]))).await.is(200);
    socket.message_is(&letter["id"], "DELIVERED").await;
    assert_eq!(maria.message(&letter["id"]).await["error"], json!(null));
}

async fn one_bad_element_never_spoils_its_batch(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let (mut to_maria, mut to_jon) = (maria.socket().await, jon.socket().await);
    let second = town.meta.now_ms().await / 1000;
    let bad = [
        json!(null),
        json!(7),
        json!({"id": 12, "from": {}, "timestamp": [], "type": 7}),
        json!({"id": "wamid.no-sender", "timestamp": second.to_string(), "type": "text"}),
        json!({"from": ANA, "timestamp": second.to_string(), "type": "text",
               "text": {"body": "no id"}}),
    ];
    let mut messages = bad.to_vec();
    messages.push(inbound(ANA, "wamid.good", second, "good"));
    // Two numbers of two owners, one of nobody, and a field nobody asked for, all in one body.
    let mut stranger = maria.account().clone();
    "1".clone_into(&mut stranger.phone_number_id);
    let text = |wamid: &str, text: &str| json!({"messages": [inbound(ANA, wamid, second, text)]});
    let mut value = body(&[
        (maria.account(), json!({"messages": messages, "statuses": [{"id": 1}], "news": {}})),
        (&stranger, text("wamid.lost", "for nobody")),
        (jon.account(), text("wamid.jons", "for jon")),
    ]);
    let entries = value["entry"].as_array_mut().expect("entries");
    entries.insert(0, json!("not an entry"));
    entries.push(json!({"id": "1", "changes": [{"field": "flows", "value": {"a": [1, 2]}}]}));
    assert_eq!(town.meta.inject(value).await, 200);

    to_maria.hears("good").await;
    to_jon.hears("for jon").await;
    town.arrive(maria.account(), &[(ANA, "end")]).await;
    let conversation = to_maria.hears("end").await["conversation"].clone();
    let texts: Vec<Value> = maria
        .messages(&conversation["id"])
        .await
        .iter()
        .map(|message| message["content"]["text"].clone())
        .filter(|text| !text.is_null())
        .collect();
    assert_eq!(texts, ["end", "good"]);
    let of_jon = of_type(&to_jon.seen, "message:incoming");
    assert_eq!(of_jon.len(), 1, "{of_jon:?}");
    assert_eq!(of_jon[0]["conversation"]["owner"], "jon@linkojob.test");
}

async fn every_kind_of_message_is_shown_or_kept(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone(ANA);
    let letter = maria.send_template(&ana, "Ana").await.is(201);
    let image = json!({"mime_type": "image/jpeg", "sha256": "c2hh", "caption": "me"});
    let file = json!({"mime_type": "application/pdf", "sha256": "c2hh", "filename": "cv.pdf"});
    let reply = json!({"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}});
    let cases = [
        ("image", image, json!({"mimeType": "image/jpeg", "caption": "me", "state": "PENDING"})),
        ("document", file, json!({"mimeType": "application/pdf", "filename": "cv.pdf"})),
        ("audio", json!({"mime_type": "audio/ogg"}), json!({"mimeType": "audio/ogg"})),
        (
            "button",
            json!({"payload": "Yes, please", "text": "Yes, please"}),
            json!({"title": "Yes, please"}),
        ),
        ("interactive", reply, json!({"kind": "button_reply", "id": "yes", "title": "Yes"})),
        (
            "reaction",
            json!({"message_id": letter["wamid"], "emoji": "\u{1f44d}"}),
            json!({"messageId": letter["id"], "wamid": letter["wamid"], "emoji": "\u{1f44d}"}),
        ),
    ];
    for (kind, content, shown) in cases {
        let wamid = ana.sends(maria.account(), json!({"type": kind, kind: content})).await;
        let told = socket.until("message:incoming", |data| data["message"]["wamid"] == wamid).await;
        let message = &told["message"];
        assert_eq!(message["type"], kind);
        for (field, value) in shown.as_object().expect("fields") {
            assert_eq!(&message["content"][field], value, "{kind}: {message}");
        }
        assert_eq!(maria.message(&message["id"]).await["content"], message["content"]);
    }
    for kind in ["unsupported", "a_type_of_the_future"] {
        let sent = ana.sends(maria.account(), json!({"type": kind, kind: {"what": "ever"}})).await;
        let told = socket.until("message:incoming", |data| data["message"]["wamid"] == sent).await;
        assert_eq!(told["message"]["type"], "unsupported", "{told}");
        assert!(told["message"]["content"]["raw"].is_object(), "{told}");
    }
}
