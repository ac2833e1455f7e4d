//! The WebSocket: ready, missed, live; resume and reset; typing.

use serde_json::json;

use crate::harness::{Edge, Socket};

async fn ids(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let frame = socket.frame().await;
        ids.push(frame["id"].as_str().unwrap_or_else(|| panic!("no event: {frame}")).to_owned());
    }
    ids
}

fn cursors(range: std::ops::RangeInclusive<usize>) -> Vec<String> {
    range.map(|n| format!("c{n}")).collect()
}

#[tokio::test]
async fn without_a_cursor_it_starts_now() {
    let edge = Edge::start().await;
    edge.core.happen(10);
    let mut socket = edge.socket("").await.expect("open");
    let ready = socket.frame().await;
    assert_eq!(ready, json!({"type": "ready", "cursor": "c1", "heartbeatSeconds": 25}));
    edge.core.happen(10);
    let event = socket.frame().await;
    assert_eq!((&event["id"], &event["type"]), (&json!("c2"), &json!("message:incoming")));
    assert_eq!(event["at"], "2023-11-14T22:13:20.123Z");
    assert_eq!(event["data"]["conversation"]["id"], "conversation-1");
    assert_eq!(event["data"]["message"]["content"]["text"], "x".repeat(10));
}

#[tokio::test]
async fn with_a_cursor_it_gives_what_was_missed_and_goes_on() {
    let edge = Edge::start().await;
    for _ in 0..250 {
        edge.core.happen(10);
    }
    let mut socket = edge.socket("?after=c3").await.expect("open");
    assert_eq!(socket.frame().await["cursor"], "c3");
    assert_eq!(ids(&mut socket, 247).await, cursors(4..=250));
    edge.core.happen(10);
    assert_eq!(ids(&mut socket, 1).await, ["c251"]);
    // A second socket joins a hub whose ring holds only the newest.
    let mut second = edge.socket("?after=c249").await.expect("open");
    assert_eq!(second.frame().await["type"], "ready");
    assert_eq!(ids(&mut second, 2).await, ["c250", "c251"]);
    edge.core.happen(10);
    assert_eq!(ids(&mut socket, 1).await, ["c252"]);
    assert_eq!(ids(&mut second, 1).await, ["c252"]);
    assert_eq!(edge.core.calls("subscribe").len(), 1, "one stream per owner");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_skipped_or_repeated_while_events_rain() {
    let edge = Edge::start().await;
    edge.core.happen(10);
    let core = edge.core.clone();
    let rain = tokio::spawn(async move {
        for n in 0..600 {
            core.happen(10);
            if n % 7 == 0 {
                tokio::task::yield_now().await;
            }
            if n % 150 == 149 {
                core.break_streams();
            }
        }
    });
    let mut sockets = Vec::new();
    for after in ["c0", "c1", "c0", "c1"] {
        let mut socket = edge.socket(&format!("?after={after}")).await.expect("open");
        assert_eq!(socket.frame().await["cursor"], after);
        sockets.push((after, socket));
    }
    rain.await.expect("rain");
    for (after, mut socket) in sockets {
        let first = if after == "c0" { 1 } else { 2 };
        assert_eq!(ids(&mut socket, 602 - first).await, cursors(first..=601));
    }
}

#[tokio::test]
async fn a_forged_cursor_is_refused_before_the_upgrade() {
    let edge = Edge::start().await;
    for forged in ["forged", "c99", "%00", "c%201"] {
        let (status, body) = edge.socket(&format!("?after={forged}")).await.err().expect("refused");
        assert_eq!((status, &body["error"]["name"]), (400, &json!("INVALID_CURSOR")), "{forged}");
    }
}

#[tokio::test]
async fn a_cursor_older_than_what_is_kept_is_reset() {
    let edge = Edge::start().await;
    for _ in 0..5 {
        edge.core.happen(10);
    }
    edge.core.trim();
    let mut socket = edge.socket("?after=c2").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    assert_eq!(socket.frame().await, json!({"type": "reset", "cursor": "c5"}));
    edge.core.happen(10);
    assert_eq!(ids(&mut socket, 1).await, ["c6"]);
}

#[tokio::test]
async fn typing_reaches_the_other_connections_only() {
    let edge = Edge::start().await;
    let mut one = edge.socket("").await.expect("open");
    let mut two = edge.socket("").await.expect("open");
    // Both are live once they have seen an event.
    for socket in [&mut one, &mut two] {
        assert_eq!(socket.frame().await["type"], "ready");
    }
    edge.core.happen(10);
    for socket in [&mut one, &mut two] {
        assert_eq!(ids(socket, 1).await, ["c1"]);
    }
    one.say(r#"{"type":"typing:start","conversationId":"conversation-1"}"#).await;
    let signal = two.frame().await;
    assert_eq!(
        signal,
        json!({"type": "typing:start", "data": {"conversationId": "conversation-1", "email": "recruiter@linkojob.test"}})
    );
    one.say(r#"{"type":"typing:stop","conversationId":"conversation-1"}"#).await;
    assert_eq!(two.frame().await["type"], "typing:stop");
    one.say(r#"{"type":"ping"}"#).await;
    assert_eq!(one.frame().await, json!({"type": "pong"}), "not its own typing");
}

#[tokio::test]
async fn typing_is_not_repeated_to_who_comes_later() {
    let edge = Edge::start().await;
    let mut one = edge.socket("").await.expect("open");
    let mut two = edge.socket("").await.expect("open");
    for socket in [&mut one, &mut two] {
        assert_eq!(socket.frame().await["type"], "ready");
    }
    edge.core.happen(10);
    for socket in [&mut one, &mut two] {
        assert_eq!(ids(socket, 1).await, ["c1"]);
    }
    one.say(r#"{"type":"typing:start","conversationId":"conversation-1"}"#).await;
    assert_eq!(two.frame().await["type"], "typing:start");
    for query in ["", "?after=c0"] {
        let mut late = edge.socket(query).await.expect("open");
        assert_eq!(late.frame().await["type"], "ready");
        if !query.is_empty() {
            assert_eq!(ids(&mut late, 1).await, ["c1"]);
        }
        late.say(r#"{"type":"ping"}"#).await;
        assert_eq!(late.frame().await, json!({"type": "pong"}));
        one.say(r#"{"type":"typing:stop","conversationId":"conversation-1"}"#).await;
        assert_eq!(late.frame().await["type"], "typing:stop", "what happens now is seen");
        one.say(r#"{"type":"typing:start","conversationId":"conversation-1"}"#).await;
        assert_eq!(late.frame().await["type"], "typing:start");
    }
}

#[tokio::test]
async fn a_core_that_goes_and_comes_is_not_noticed() {
    let edge = Edge::start().await;
    let mut socket = edge.socket("").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    edge.core.happen(10);
    assert_eq!(ids(&mut socket, 1).await, ["c1"]);
    edge.core.break_streams();
    edge.core.happen(10);
    edge.core.happen(10);
    assert_eq!(ids(&mut socket, 2).await, ["c2", "c3"]);
}
