//! What Meta may do to a send, and what the recruiter is told.

use futures_util::future::join_all;
use serde_json::json;

use crate::kit::{Phone, Recruiter, Socket, Store, Town, on_both_stores};

on_both_stores! {
    a_lost_answer_is_unknown_until_meta_tells,
    throttled_messages_wait_and_go_out_once,
    a_refusal_is_final_and_says_why,
    a_withdrawn_token_keeps_messages_until_the_next_connection,
    a_lost_permission_restricts_the_client,
    deleting_the_client_ends_what_was_never_tried,
}

/// A recruiter with one candidate whose window is open.
async fn talking(town: &Town) -> (Recruiter, Socket, Phone) {
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915600000001");
    ana.writes(maria.account(), "Hi").await;
    socket.hears("Hi").await;
    (maria, socket, ana)
}

async fn a_lost_answer_is_unknown_until_meta_tells(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;

    // Accepted, but nobody heard the answer; the status names our message.
    town.meta.rule(json!({"on": "status", "times": 1, "do": {"holdStatuses": true}})).await;
    town.meta.on_send(1, &ana.number, json!({"dropAfterAccept": true})).await;
    let lost = maria.send_text(&ana, "Did you get this?").await.is(202);
    assert_eq!(lost["status"], "UNKNOWN");
    assert_eq!(lost["wamid"], json!(null));
    town.meta.behaves_again().await;
    let told = socket.message_is(&lost["id"], "DELIVERED").await;
    let entry = &town.meta.accepted_from(maria.account()).await[0];
    assert_eq!(told["wamid"], entry["wamid"]);
    assert_eq!(maria.message(&lost["id"]).await["wamid"], entry["wamid"]);

    // Neither accepted nor answered: nobody can know, so nothing is sent again by itself.
    for action in [json!({"dropBefore": true}), json!({"fail": {"http": 502, "html": true}})] {
        town.meta.on_send(1, &ana.number, action.clone()).await;
        let lost = maria.send_text(&ana, "And this?").await.is(202);
        assert_eq!(lost["status"], "UNKNOWN", "{action}");
        town.clock("1h").await;
        maria.send_text(&ana, "Next").await.is(201);
        assert_eq!(maria.message(&lost["id"]).await["status"], "UNKNOWN", "{action}");
    }
    // An answer that cannot be read proves nothing either, but this one did go out.
    town.meta.on_send(1, &ana.number, json!({"malformed": true})).await;
    let torn = maria.send_text(&ana, "Torn").await;
    let torn = if torn.status == 202 { torn.is(202) } else { torn.is(201) };
    socket.message_is(&torn["id"], "DELIVERED").await;

    let received = ana.received().await;
    assert_eq!(received, ["Did you get this?", "Next", "Next", "Torn"]);
    town.meta.accepted_nothing_twice().await;
}

async fn throttled_messages_wait_and_go_out_once(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let codes = [131_056, 130_429, 4, 131_016];
    let phones = codes.map(|code| town.phone(&format!("4915600{code:06}")));
    let eva = town.phone("4915600000002");
    for phone in phones.iter().chain([&eva]) {
        phone.writes(maria.account(), &phone.number).await;
        socket.hears(&phone.number).await;
    }
    for (code, phone) in codes.iter().zip(&phones) {
        town.meta.on_send(1, &phone.number, json!({"fail": {"code": code}})).await;
    }
    town.meta.on_send(100, &eva.number, json!({"fail": {"code": 131_056}})).await;

    // A short refusal is waited out; a long one is not, and the message stays.
    let short = join_all(phones.iter().map(|phone| maria.send_text(phone, "Soon")));
    let (short, long) = tokio::join!(short, maria.send_text(&eva, "Later"));
    for (answer, phone) in short.iter().zip(&phones) {
        answer.is(201);
        assert_eq!(phone.received().await, ["Soon"]);
    }
    let long = long.is(202);
    assert_eq!(long["status"], "QUEUED");
    assert_eq!(eva.received().await, Vec::<String>::new());
    town.meta.behaves_again().await;
    town.clock("1h").await;
    socket.message_is(&long["id"], "DELIVERED").await;
    assert_eq!(eva.received().await, ["Later"]);
    assert_eq!(town.meta.accepted_from(maria.account()).await.len(), 5);
    town.meta.accepted_nothing_twice().await;
}

async fn a_refusal_is_final_and_says_why(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;

    town.meta.on_send(1, &ana.number, json!({"fail": {"code": 131_026}})).await;
    let problem = maria.send_text(&ana, "No").await.refused(422, "META_REJECTED");
    let meta = &problem["error"]["meta"];
    assert_eq!(meta["code"], 131_026);
    assert!(meta["details"].as_str().is_some_and(|text| !text.is_empty()), "{meta}");
    assert!(meta["fbtraceId"].as_str().is_some_and(|text| !text.is_empty()), "{meta}");
    let failed = socket.until("message:status", |data| data["status"] == "FAILED").await;
    let message = maria.message(&failed["messageId"]).await;
    assert_eq!(
        (&message["status"], &message["error"]["code"]),
        (&json!("FAILED"), &json!(131_026))
    );
    assert_eq!(message["error"]["name"], "META_REJECTED");

    // Meta says at once that the window is closed: its clock is the one that counts.
    town.meta.on_send(1, &ana.number, json!({"fail": {"code": 131_047}})).await;
    maria.send_text(&ana, "Late").await.refused(400, "WINDOW_CLOSED");
    let failed = socket.until("message:status", |data| data["status"] == "FAILED").await;
    let message = maria.message(&failed["messageId"]).await;
    assert_eq!(message["error"]["name"], "WINDOW_CLOSED", "{message}");

    // Accepted first, refused later.
    town.meta.on_send(1, &ana.number, json!({"failStatus": {"code": 131_049}})).await;
    let sent = maria.send_text(&ana, "Well").await.is(201);
    let failed = socket.message_is(&sent["id"], "FAILED").await;
    assert_eq!(failed["error"]["code"], 131_049);
    assert_eq!(ana.received().await, Vec::<String>::new());
}

async fn a_withdrawn_token_keeps_messages_until_the_next_connection(store: Store) {
    let town = Town::start(store).await;
    let (mut maria, mut socket, ana) = talking(&town).await;
    let account = maria.account().clone();
    town.meta.revoke(&account).await;
    let queued = maria.send_text(&ana, "Wait for it").await.is(202);
    assert_eq!(queued["status"], "QUEUED");
    let told = socket.expect("client:updated").await;
    assert_eq!(told["client"]["status"], "TOKEN_EXPIRED");
    assert_eq!(maria.client().await["status"], "TOKEN_EXPIRED");
    maria.send_text(&ana, "Now?").await.refused(409, "CLIENT_NOT_CONNECTED");

    let id = maria.client().await["id"].clone();
    let fresh = town.meta.another_token(&account).await;
    let client = maria.connect_to(fresh).await.is(200);
    assert_eq!((&client["id"], &client["status"]), (&id, &json!("CONNECTED")));
    town.clock("5m").await;
    socket.message_is(&queued["id"], "DELIVERED").await;
    assert_eq!(ana.received().await, ["Wait for it"]);
    town.meta.accepted_nothing_twice().await;
}

async fn a_lost_permission_restricts_the_client(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, ana) = talking(&town).await;
    town.meta.on_send(1, &ana.number, json!({"fail": {"code": 10}})).await;
    assert_eq!(maria.send_text(&ana, "And now?").await.is(202)["status"], "QUEUED");
    socket.once("client:updated", |data| data["client"]["status"] == "RESTRICTED").await;
    maria.send_text(&ana, "Hello?").await.refused(409, "CLIENT_NOT_CONNECTED");
}

async fn deleting_the_client_ends_what_was_never_tried(store: Store) {
    let town = Town::start(store).await;
    let (mut maria, mut socket, ana) = talking(&town).await;
    let account = maria.account().clone();
    let talked = maria.send_text(&ana, "Hello").await.is(201);
    town.meta.on_send(50, &ana.number, json!({"fail": {"code": 131_056}})).await;
    let queued = maria.send_text(&ana, "Later").await.is(202);
    maria.delete("/api/clients/me").await.is(204);
    town.clock("1h").await;
    let failed = socket.message_is(&queued["id"], "FAILED").await;
    assert_eq!(failed["error"]["name"], "CLIENT_NOT_CONNECTED");

    // Gone with everything, for everybody.
    maria.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
    maria.send_text(&ana, "Hello?").await.refused(404, "CLIENT_NOT_FOUND");
    let path = format!("/api/messages/{}", talked["id"].as_str().expect("an id"));
    maria.get(&path).await.refused(404, "MESSAGE_NOT_FOUND");
    assert_eq!(maria.conversations("").await["data"], json!([]));
    town.meta.behaves_again().await;
    town.clock("1h").await;
    assert_eq!(ana.received().await, ["Hello"]);

    // The same number again brings the history back.
    let fresh = town.meta.another_token(&account).await;
    maria.connect_to(fresh).await.is(201);
    assert_eq!(maria.message(&talked["id"]).await["id"], talked["id"]);
    let conversations = maria.conversations("").await;
    assert_eq!(conversations["data"][0]["id"], talked["conversationId"]);
}
