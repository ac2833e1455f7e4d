//! The list of conversations and what can be done with one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kit::{Phone, Recruiter, Socket, Store, Town, on_both_stores};

on_both_stores! {
    a_walk_through_the_list_skips_nobody_while_rows_move,
    searching_and_unread,
    reading_up_to_a_message_shows_on_the_phone,
    a_deleted_conversation_comes_back_empty,
    messages_page_newest_first_and_the_window_counts_down,
}

/// A recruiter to whom so many candidates have written, in this order.
async fn busy(town: &Town, count: usize) -> (Recruiter, Socket, Vec<Phone>) {
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let mut phones = Vec::new();
    for n in 0..count {
        let phone = town.phone(&format!("4915900000{n:03}"));
        let text = format!("Hi {n}");
        let message = json!({"text": text, "name": format!("Candidate {n}")});
        phone.sends(maria.account(), message).await;
        socket.hears(&text).await;
        // Meta's time has whole seconds: each candidate gets one of their own.
        town.clock("1s").await;
        phones.push(phone);
    }
    (maria, socket, phones)
}

fn numbers(rows: &Value) -> Vec<&str> {
    let rows = rows["data"].as_array().expect("data");
    rows.iter().map(|row| row["candidate"]["waId"].as_str().expect("a number")).collect()
}

async fn a_walk_through_the_list_skips_nobody_while_rows_move(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, phones) = busy(&town, 12).await;
    let newest_first: Vec<&str> = phones.iter().rev().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers(&maria.conversations("?limit=100").await), newest_first);
    assert_eq!(maria.conversations("?limit=100").await["nextCursor"], json!(null));

    let mut seen: Vec<String> = Vec::new();
    let mut query = "?limit=4".to_owned();
    for moved in [&phones[0], &phones[5], &phones[11]] {
        let page = maria.conversations(&query).await;
        seen.extend(numbers(&page).into_iter().map(str::to_owned));
        // Somebody further down, in the middle and already seen writes again.
        let text = format!("again {}", moved.number);
        moved.writes(maria.account(), &text).await;
        socket.hears(&text).await;
        town.clock("1s").await;
        query = format!("?limit=4&cursor={}", page["nextCursor"].as_str().unwrap_or_default());
    }
    let once: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(once.len(), seen.len(), "somebody came twice: {seen:?}");
    for (n, phone) in phones.iter().enumerate() {
        let moved_ahead = n == 0 || n == 5;
        assert!(moved_ahead || once.contains(&phone.number), "{n} was skipped: {seen:?}");
    }
    let top = maria.conversations("?limit=3").await;
    let last = [&phones[11], &phones[5], &phones[0]].map(|phone| phone.number.as_str());
    assert_eq!(numbers(&top), last);

    // An answer of the recruiter is activity too.
    let text = maria.send_text(&phones[3], "Hello").await.is(201);
    let top = maria.conversations("?limit=1").await;
    assert_eq!(top["data"][0]["lastMessage"]["id"], text["id"]);
    assert_eq!(top["data"][0]["lastMessage"]["preview"], "Hello");
    assert_eq!(top["data"][0]["lastMessageAt"], text["at"]);
}

async fn searching_and_unread(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, phones) = busy(&town, 3).await;
    let zoe = town.phone("4915911111111");
    zoe.sends(maria.account(), json!({"text": "Bonjour", "name": "Zo\u{e9} Du Pr\u{e9}"})).await;
    let conversation = socket.hears("Bonjour").await["conversation"].clone();
    for found in ["zoe", "ZO\u{c9}", "pre%20zo", "4915911111111", "%2B49159111"] {
        let rows = maria.conversations(&format!("?search={found}")).await;
        assert_eq!(numbers(&rows), [zoe.number.as_str()], "{found}");
    }
    for missing in ["oe", "zoe%20x", "%25", "_", "'", "nobody"] {
        let rows = maria.conversations(&format!("?search={missing}")).await;
        assert_eq!(rows["data"], json!([]), "{missing}");
    }
    assert_eq!(numbers(&maria.conversations("?search=candidate&limit=100").await).len(), 3);

    assert_eq!(numbers(&maria.conversations("?unread=true").await).len(), 4);
    let path = format!("/api/conversations/{}/read", conversation["id"].as_str().expect("an id"));
    let read = maria.patch(&path, None).await.is(200);
    assert_eq!(read["unreadCount"], 0);
    assert!(read["revision"].as_i64() > conversation["revision"].as_i64());
    let told = socket.expect("conversation:updated").await;
    assert_eq!(told["conversation"]["unreadCount"], 0);
    let unread = maria.conversations("?unread=true").await;
    let others: Vec<&str> = phones.iter().rev().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers(&unread), others);
    // Reading what is read changes nothing and tells nothing.
    assert_eq!(maria.patch(&path, Some(json!({}))).await.is(200)["revision"], read["revision"]);
}

async fn reading_up_to_a_message_shows_on_the_phone(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915922222222");
    let (mut wamids, mut ids) = (Vec::new(), Vec::new());
    for n in 0..4 {
        wamids.push(ana.writes(maria.account(), &format!("line {n}")).await);
        let heard = socket.hears(&format!("line {n}")).await;
        ids.push(heard["message"]["id"].clone());
        town.clock("1s").await;
    }
    let conversation = maria.message(&ids[0]).await["conversationId"].clone();
    let path = format!("/api/conversations/{}/read", conversation.as_str().expect("an id"));
    let up_to = |n: usize| Some(json!({"upTo": ids[n]}));
    assert_eq!(maria.patch(&path, up_to(1)).await.is(200)["unreadCount"], 2);
    ana.shows_as(&wamids[1], "read").await;
    let shown = ana.shows().await;
    let states: Vec<&Value> = shown.iter().map(|message| &message["status"]).collect();
    assert_eq!(states, ["read", "read", "delivered", "delivered"]);
    // An earlier one never takes reading back.
    assert_eq!(maria.patch(&path, up_to(0)).await.is(200)["unreadCount"], 2);

    // Without receipts the candidate is not told.
    let quiet = json!({"settings": {"sendReadReceipts": false}});
    maria.put("/api/clients/me", quiet).await.is(200);
    assert_eq!(maria.patch(&path, up_to(2)).await.is(200)["unreadCount"], 1);
    let loud = json!({"settings": {"sendReadReceipts": true}});
    maria.put("/api/clients/me", loud).await.is(200);
    ana.writes(maria.account(), "line 4").await;
    socket.hears("line 4").await;
    assert_eq!(ana.shows().await[3]["status"], "delivered", "nobody told about the third");
    assert_eq!(maria.patch(&path, None).await.is(200)["unreadCount"], 0);
    let last = ana.shows().await[4]["wamid"].as_str().expect("a wamid").to_owned();
    ana.shows_as(&last, "read").await;
}

async fn a_deleted_conversation_comes_back_empty(store: Store) {
    let town = Town::start(store).await;
    let (maria, mut socket, phones) = busy(&town, 2).await;
    let ana = &phones[0];
    let before = maria.send_text(ana, "Before").await.is(201);
    let id = &before["conversationId"];
    let path = format!("/api/conversations/{}", id.as_str().expect("an id"));
    let old = format!("/api/messages/{}", before["id"].as_str().expect("an id"));
    maria.delete(&path).await.is(204);
    socket.expect("conversation:updated").await;
    maria.get(&path).await.refused(404, "CONVERSATION_NOT_FOUND");
    maria.get(&format!("{path}/messages")).await.refused(404, "CONVERSATION_NOT_FOUND");
    maria.get(&old).await.refused(404, "MESSAGE_NOT_FOUND");
    maria.delete(&path).await.refused(404, "CONVERSATION_NOT_FOUND");
    assert_eq!(numbers(&maria.conversations("").await), [phones[1].number.as_str()]);

    // A new message opens it: the same one, without what was before.
    town.clock("1s").await;
    ana.writes(maria.account(), "Me again").await;
    let heard = socket.hears("Me again").await;
    assert_eq!(heard["conversation"]["id"], *id);
    assert_eq!(heard["conversation"]["unreadCount"], 1);
    let texts: Vec<Value> =
        maria.messages(id).await.iter().map(|message| message["content"]["text"].clone()).collect();
    assert_eq!(texts, ["Me again"]);
    maria.get(&old).await.refused(404, "MESSAGE_NOT_FOUND");
    assert_eq!(numbers(&maria.conversations("").await).len(), 2);

    // So does a send by number; by id there is nothing to send to.
    maria.delete(&path).await.is(204);
    let by_id = json!({"conversationId": id, "text": "Hello"});
    let answer = maria.post("/api/messages/text", by_id).await;
    answer.refused(404, "CONVERSATION_NOT_FOUND");
    let again = maria.send_text(ana, "After").await.is(201);
    assert_eq!(again["conversationId"], *id);
    assert_eq!(maria.messages(id).await.len(), 1);
}

async fn messages_page_newest_first_and_the_window_counts_down(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = "4915933333333";
    let texts: Vec<String> = (0..60).map(|n| format!("{n:02}")).collect();
    let all: Vec<(&str, &str)> = texts.iter().map(|text| (ana, text.as_str())).collect();
    town.arrive(maria.account(), &all).await;
    let conversation = socket.hears("59").await["conversation"].clone();
    let id = &conversation["id"];
    let path = format!("/api/conversations/{}/messages", id.as_str().expect("an id"));
    let shown: Vec<String> = maria
        .all(&path, 7)
        .await
        .iter()
        .map(|message| message["content"]["text"].as_str().expect("a text").to_owned())
        .collect();
    let newest_first: Vec<String> = texts.iter().rev().cloned().collect();
    assert_eq!(shown, newest_first, "in Meta's order, each once");
    // A page that was begun does not mind what comes meanwhile.
    let first = maria.get(&format!("{path}?limit=30")).await.is(200);
    town.arrive(maria.account(), &[(ana, "new")]).await;
    socket.hears("new").await;
    let cursor = first["nextCursor"].as_str().expect("a cursor");
    let second = maria.get(&format!("{path}?limit=30&cursor={cursor}")).await.is(200);
    assert_eq!(second["data"].as_array().map(Vec::len), Some(30));
    assert_eq!(second["data"][0]["content"]["text"], "29");
    assert_eq!(second["nextCursor"], json!(null));

    // A reply quotes, in both directions.
    let quoted = &second["data"][29]["id"];
    let reply = json!({"conversationId": id, "text": "To the first", "replyTo": quoted});
    let reply = maria.post("/api/messages/text", reply).await.is(201);
    assert_eq!(reply["replyTo"], *quoted);
    let entry = &town.meta.accepted_from(maria.account()).await[0];
    assert_eq!(entry["body"]["context"]["message_id"], "wamid.00");
    let answer = json!({"text": "Quite", "context": {"id": reply["wamid"]}});
    town.phone(ana).sends(maria.account(), answer).await;
    assert_eq!(socket.hears("Quite").await["message"]["replyTo"], reply["id"]);

    let open = maria.window(id).await;
    assert_eq!((&open["open"], &open["conversationId"]), (&json!(true), id));
    town.clock("1h").await;
    let later = maria.window(id).await;
    let left = |window: &Value| window["remainingSeconds"].as_i64().expect("seconds");
    assert!((3600..3660).contains(&(left(&open) - left(&later))), "{open} {later}");
    town.clock("24h").await;
    let closed = maria.window(id).await;
    assert_eq!((&closed["open"], left(&closed)), (&json!(false), 0));
    assert_eq!(closed["expiresAt"], open["expiresAt"]);
    assert_eq!(maria.conversation(id).await["inWindow"], false);
}
