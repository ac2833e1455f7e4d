//! One log, one cursor, whatever face it is read through.

use serde_json::{Value, json};

use crate::kit::{Socket, Store, Stream, Town, ids, of_type, on_both_stores};

on_both_stores! {
    a_client_that_comes_back_misses_nothing_and_hears_nothing_twice,
    pages_streams_and_sockets_read_the_same_log,
    typing_reaches_the_other_tabs_and_bad_frames_end_a_socket,
}

const ANA: &str = "4915950000001";

async fn a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(store: Store) {
    let mut town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let account = maria.account().clone();
    town.arrive(&account, &[(ANA, "one"), (ANA, "two")]).await;
    socket.hears("two").await;

    // Away for a while, and for longer than a page.
    let many: Vec<String> = (0..150).map(|n| format!("while away {n}")).collect();
    let texts: Vec<(&str, &str)> = many.iter().map(|text| (ANA, text.as_str())).collect();
    town.arrive(&account, &texts).await;
    let mut witness = maria.socket_after(&socket.cursor).await;
    witness.hears("while away 149").await;
    socket.resume().await;
    socket.hears("while away 149").await;
    assert_eq!(ids(&socket.seen[2..]), ids(&witness.seen));

    // The edge dies; the client comes back to another one at the same address.
    town.edges[0].kill().await;
    assert_eq!(socket.closed().await, 0, "no goodbye from the dead");
    town.edges[0].start().await;
    town.ready().await;
    town.arrive(&account, &[(ANA, "to the new edge")]).await;
    socket.resume().await;
    socket.hears("to the new edge").await;

    // The core dies; the socket does not even notice, or comes back.
    town.kill_core().await;
    town.restart_core().await;
    town.arrive(&account, &[(ANA, "from the new core")]).await;
    loop {
        let event = socket.next_or_resume().await;
        if event["data"]["message"]["content"]["text"] == "from the new core" {
            break;
        }
    }
    let log = maria.events(None).await;
    let start = log.len() - socket.seen.len();
    assert_eq!(ids(&log[start..]), ids(&socket.seen));
    assert_eq!(of_type(&socket.seen, "message:incoming").len(), 154);
}

async fn pages_streams_and_sockets_read_the_same_log(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let account = maria.account().clone();
    let mut stream = maria.stream(None).await;
    let mut socket = maria.socket().await;
    let texts: Vec<String> = (0..30).map(|n| format!("text {n}")).collect();
    let all: Vec<(&str, &str)> = texts.iter().map(|text| (ANA, text.as_str())).collect();
    town.arrive(&account, &all).await;
    socket.hears("text 29").await;
    let mut streamed = Vec::new();
    while streamed.len() < 30 {
        let (id, event) = stream.next().await;
        assert_eq!(event["id"], json!(id));
        streamed.push(event);
    }
    assert_eq!(streamed, socket.seen, "the very same events");

    // A browser comes back with the id of the last event it had.
    drop(stream);
    let fifth = streamed[4]["id"].as_str().expect("an id").to_owned();
    let mut stream = maria.stream(Some(&fifth)).await;
    for expected in &streamed[5..] {
        assert_eq!(stream.next().await.1, *expected);
    }

    // Pages, from the oldest on, and at the end the place to go on from.
    let log = maria.events(None).await;
    assert_eq!(log[0]["type"], "client:updated");
    assert_eq!(log[log.len() - 30..], streamed);
    let page = maria.get(&format!("/api/events?limit=7&after={fifth}")).await.is(200);
    assert_eq!(page["data"].as_array().expect("data")[..], streamed[5..12]);
    assert_eq!(page["nextCursor"], streamed[11]["id"]);
    let last = ids(&log)[log.len() - 1].to_owned();
    let end = maria.get(&format!("/api/events?after={last}")).await.is(200);
    assert_eq!((&end["data"], &end["nextCursor"]), (&json!([]), &json!(last)));
    assert_eq!(end.get("reset"), None);

    // Cursors that nobody minted.
    for forged in ["x", "AAAA", &format!("{last}A"), "%00"] {
        assert_eq!(Socket::refused(&maria, forged).await, 400, "{forged}");
    }
    Stream::refused(&maria, "forged").await.refused(400, "INVALID_CURSOR");
    let nobody = town.person("", "MANAGER");
    assert_eq!(Socket::refused(&nobody, "").await, 401);
    let talent = town.person("maria@linkojob.test", "TALENT");
    assert_eq!(Socket::refused(&talent, "").await, 403);
}

async fn typing_reaches_the_other_tabs_and_bad_frames_end_a_socket(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let jon = town.connected("jon@linkojob.test").await;
    let (mut one, mut two) = (maria.socket().await, maria.socket().await);
    let mut foreign = jon.socket().await;
    town.arrive(maria.account(), &[(ANA, "Hi")]).await;
    let conversation = one.hears("Hi").await["conversation"]["id"].clone();
    two.hears("Hi").await;

    let typing = |kind: &str| json!({"type": kind, "conversationId": conversation}).to_string();
    one.say(typing("typing:start")).await;
    let frame = two.next().await;
    assert_eq!(frame["type"], "typing:start");
    let told = json!({"conversationId": conversation, "email": "maria@linkojob.test"});
    assert_eq!(frame["data"], told);
    assert_eq!(frame.get("id"), None, "it is in no log");
    one.say(typing("typing:stop")).await;
    assert_eq!(two.next().await["type"], "typing:stop");
    one.say(json!({"type": "ping"}).to_string()).await;
    assert_eq!(one.next().await["type"], "pong", "and no echo of its own typing");

    // Typing in somebody else's conversation reaches nobody.
    foreign.say(typing("typing:start")).await;
    foreign.say(json!({"type": "ping"}).to_string()).await;
    assert_eq!(foreign.next().await["type"], "pong");
    town.arrive(maria.account(), &[(ANA, "Still here")]).await;
    let next: Value = two.next().await;
    assert_eq!(next["type"], "message:incoming", "{next}");

    two.say("not json".to_owned()).await;
    assert_eq!(two.closed().await, 4002);
    for _ in 0..121 {
        foreign.say(json!({"type": "ping"}).to_string()).await;
    }
    assert_eq!(foreign.closed().await, 4029);
    let mut large = maria.socket().await;
    large.say(format!("{{\"type\":\"{}\"}}", "x".repeat(70_000))).await;
    assert_eq!(large.closed().await, 4002);
}
