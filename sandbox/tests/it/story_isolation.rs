//! What belongs to somebody else answers as if it did not exist.

use serde_json::{Value, json};

use crate::kit::{Recruiter, Socket, Store, Town, ids, on_both_stores};

on_both_stores! {
    a_second_owner_sees_none_of_it,
    administrators_see_everything_and_may_name_an_owner,
}

/// One recruiter with a bit of everything, and its ids.
struct Belongings {
    client: Value,
    conversation: Value,
    message: Value,
    template: Value,
    cursor: String,
    page: String,
}

async fn settle(town: &Town, maria: &Recruiter) -> Belongings {
    let mut socket = maria.socket().await;
    for number in ["4915500000001", "4915500000002"] {
        let phone = town.phone(number);
        let text = format!("Hi from {number}");
        phone.writes(maria.account(), &text).await;
        socket.hears(&text).await;
        maria.send_text(&phone, "Hello").await.is(201);
    }
    let page = maria.conversations("?limit=1").await;
    let conversation = page["data"][0]["id"].clone();
    Belongings {
        client: maria.client().await["id"].clone(),
        message: maria.messages(&conversation).await[0]["id"].clone(),
        template: maria.get("/api/templates").await.is(200)["data"][0]["id"].clone(),
        cursor: socket.cursor.clone(),
        page: page["nextCursor"].as_str().expect("another page").to_owned(),
        conversation,
    }
}

fn path(pattern: &str, id: &Value) -> String {
    pattern.replace(":id", id.as_str().expect("an id"))
}

async fn a_second_owner_sees_none_of_it(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let hers = settle(&town, &maria).await;
    let mut socket = jon.socket().await;
    let nobodys = json!("01890a5d-ac96-774b-bcce-b302099a8057");

    // By id: the very answer that an unknown id gets.
    let reads = [
        ("/api/clients/:id", &hers.client, "CLIENT_NOT_FOUND"),
        ("/api/conversations/:id", &hers.conversation, "CONVERSATION_NOT_FOUND"),
        ("/api/conversations/:id/messages", &hers.conversation, "CONVERSATION_NOT_FOUND"),
        ("/api/conversations/:id/window", &hers.conversation, "CONVERSATION_NOT_FOUND"),
        ("/api/messages/:id", &hers.message, "MESSAGE_NOT_FOUND"),
    ];
    for (pattern, id, name) in reads {
        let foreign = jon.get(&path(pattern, id)).await.refused(404, name);
        let unknown = jon.get(&path(pattern, &nobodys)).await.refused(404, name);
        assert_eq!(foreign["detail"], unknown["detail"], "{pattern}");
    }
    let (conversation, text) = (&hers.conversation, "/api/messages/text");
    let not_found = "CONVERSATION_NOT_FOUND";
    let at = |pattern: &str| path(pattern, conversation);
    jon.delete(&at("/api/conversations/:id")).await.refused(404, not_found);
    jon.patch(&at("/api/conversations/:id/read"), None).await.refused(404, not_found);
    let body = json!({"conversationId": conversation, "text": "Hello"});
    jon.post(text, body).await.refused(404, not_found);
    let body = json!({"conversationId": conversation, "candidateName": "Ana"});
    jon.post("/api/messages/template", body).await.refused(404, not_found);
    let purpose = path("/api/templates/:id/purpose", &hers.template);
    jon.put(&purpose, json!({"purpose": null})).await.refused(404, "TEMPLATE_NOT_FOUND");

    // By reference from his own things.
    let ana = town.phone("4915500000001");
    ana.writes(jon.account(), "Hi Jon").await;
    let his = socket.hears("Hi Jon").await["conversation"].clone();
    assert_ne!(his["id"], hers.conversation);
    let reply = json!({"to": ana.dialled(), "text": "Re", "replyTo": hers.message});
    jon.post(text, reply).await.refused(404, "MESSAGE_NOT_FOUND");
    let up_to = Some(json!({"upTo": hers.message}));
    let read = format!("/api/conversations/{}/read", his["id"].as_str().expect("an id"));
    jon.patch(&read, up_to).await.refused(404, "MESSAGE_NOT_FOUND");

    // In lists and by cursors.
    assert_eq!(jon.all("/api/clients", 1).await.len(), 1);
    let conversations = jon.all("/api/conversations", 1).await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(jon.conversations("?search=4915500000002").await["data"], json!([]));
    let stolen = jon.get(&format!("/api/conversations?cursor={}", hers.page)).await;
    stolen.refused(400, "INVALID_CURSOR");
    let stolen = jon.get(&format!("/api/events?after={}", hers.cursor)).await;
    stolen.refused(400, "INVALID_CURSOR");
    assert_eq!(Socket::refused(&jon, &hers.cursor).await, 400);
    let log = jon.events(None).await;
    assert!(log.iter().all(|event| !event.to_string().contains("maria@")), "{log:?}");
    assert!(ids(&log).iter().all(|id| *id != hers.cursor));

    // And nothing was done to her.
    assert_eq!(maria.all("/api/conversations", 100).await.len(), 2);
    assert_eq!(maria.conversation(&hers.conversation).await["unreadCount"], 1);
    let first = socket.seen.first().expect("an event");
    assert_eq!(first["type"], "message:incoming", "his socket heard his candidate first");
}

async fn administrators_see_everything_and_may_name_an_owner(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let hers = settle(&town, &maria).await;
    for role in ["ADMIN", "SUPER_ADMIN"] {
        let root = town.person("root@linkojob.test", role);
        let clients = root.all("/api/clients", 100).await;
        let owners: Vec<_> = clients.iter().map(|client| &client["owner"]).collect();
        assert!(owners.contains(&&json!("maria@linkojob.test")), "{role}: {owners:?}");
        assert!(owners.contains(&&json!("jon@linkojob.test")), "{role}: {owners:?}");
        root.conversation(&hers.conversation).await;
        assert_eq!(root.message(&hers.message).await["id"], hers.message);
        root.get("/api/clients/me").await.refused(404, "CLIENT_NOT_FOUND");
        let hers_too = root.get("/api/clients/me?owner=%20Maria@LinkoJob.test").await.is(200);
        assert_eq!(hers_too["id"], hers.client);
        let named = root.get("/api/conversations?owner=maria@linkojob.test").await.is(200);
        assert_eq!(named["data"].as_array().map(Vec::len), Some(2));
        let log = root.get("/api/events?limit=1&owner=maria@linkojob.test").await.is(200);
        assert_eq!(log["data"][0]["type"], "client:updated");
    }

    // A write for somebody else says who did it.
    let root = town.person("root@linkojob.test", "ADMIN");
    let changed = root.put("/api/clients/me?owner=maria@linkojob.test", json!({"label": "HQ"}));
    assert_eq!(changed.await.is(200)["updatedBy"], "root@linkojob.test");
    let body = json!({"to": "+4915500000001", "text": "From above"});
    let sent = root.post("/api/messages/text?owner=maria@linkojob.test", body).await.is(201);
    assert_eq!(sent["sentBy"], "root@linkojob.test");
    assert_eq!(maria.message(&sent["id"]).await["id"], sent["id"]);

    // Nobody else may name an owner; naming oneself is no sin.
    let other = jon.get("/api/clients/me?owner=maria@linkojob.test").await;
    other.refused(403, "NOT_REQUIRED_ROLE");
    jon.get("/api/clients/me?owner=jon@linkojob.test").await.is(200);
    root.get("/api/clients/me?owner=nonsense").await.refused(400, "INVALID_EMAIL_FORMAT");
    // The same person in other letters.
    town.person(" MARIA@LinkoJob.test ", "USER").client().await;

    // One number belongs to one owner, and one owner has one client.
    let twice = jon.post("/api/clients", jon.account().credentials()).await;
    twice.refused(409, "CLIENT_ALREADY_EXISTS");
    let mut eva = town.recruiter("eva@linkojob.test");
    let taken = eva.connect_to(maria.account().clone()).await;
    taken.refused(409, "PHONE_NUMBER_ALREADY_CONNECTED");
}
