//! What a socket may cost, and how it is told.

use std::time::Duration;

use futures_util::SinkExt as _;
use reqwest::Method;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Edge, problem};

#[tokio::test]
async fn what_is_no_command_closes_with_4002() {
    let edge = Edge::start().await;
    let large = format!(r#"{{"type":"ping","x":"{}"}}"#, "x".repeat(64 * 1024));
    for bad in ["garbage", r#"{"type":"subscribe"}"#, r#"{"type":"ping","x":1}"#, &large] {
        let mut socket = edge.socket("").await.expect("open");
        socket.say(bad).await;
        assert_eq!(socket.closed().await, 4002, "{}", &bad[..bad.len().min(40)]);
    }
    let mut socket = edge.socket("").await.expect("open");
    socket.0.send(Message::binary(vec![1, 2, 3])).await.expect("sent");
    assert_eq!(socket.closed().await, 4002);
}

#[tokio::test]
async fn more_than_120_commands_a_minute_close_with_4029() {
    let edge = Edge::start().await;
    let mut socket = edge.socket("").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    for _ in 0..120 {
        socket.say(r#"{"type":"ping"}"#).await;
        assert_eq!(socket.frame().await["type"], "pong");
    }
    socket.say(r#"{"type":"ping"}"#).await;
    assert_eq!(socket.closed().await, 4029);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_consumer_is_told_to_resume_and_others_are_not_disturbed() {
    let edge = Edge::start().await;
    let mut slow = edge.socket("").await.expect("open");
    let mut quick = edge.socket("").await.expect("open");
    for socket in [&mut slow, &mut quick] {
        assert_eq!(socket.frame().await["type"], "ready");
    }
    // Both are live before the flood.
    edge.core.happen(10);
    for socket in [&mut slow, &mut quick] {
        assert_eq!(socket.frame().await["id"], "c1");
    }
    // More than socket buffers and the ring can hold together.
    for n in 2..=400 {
        edge.core.happen(64 * 1024);
        assert_eq!(quick.news().await["id"], format!("c{n}"));
    }
    let mut last = 1;
    let code = loop {
        match slow.any().await {
            // It takes its time on a busy machine.
            Ok(frame) if frame["type"] == "heartbeat" => {}
            Ok(frame) => {
                last += 1;
                assert_eq!(frame["id"], format!("c{last}"), "in order, without a gap");
            }
            Err(code) => break code,
        }
    };
    assert_eq!(code, 4008);
    assert!(last < 400, "it was cut before the end");
    let mut resumed = edge.socket(&format!("?after=c{last}")).await.expect("open");
    assert_eq!(resumed.frame().await["type"], "ready");
    for n in last + 1..=400 {
        assert_eq!(resumed.news().await["id"], format!("c{n}"));
    }
}

#[tokio::test]
async fn an_old_socket_is_told_to_come_again() {
    let edge = Edge::with(|config| {
        config.edge_socket_max_age = Duration::from_millis(200);
        Ok(())
    })
    .await;
    let mut socket = edge.socket("").await.expect("open");
    assert_eq!(socket.closed().await, 4009);
}

#[tokio::test]
async fn an_owner_has_only_so_many_sockets() {
    let edge = Edge::with(|config| {
        config.edge_sockets_per_owner = 2;
        Ok(())
    })
    .await;
    let _one = edge.socket("").await.expect("open");
    let two = edge.socket("").await.expect("open");
    let refused = edge.socket("").await.err().expect("refused");
    assert_eq!((refused.0, &refused.1["error"]["name"]), (429, &"RATE_LIMITED".into()));
    let stream = edge.request(Method::GET, "/api/events").header("accept", "text/event-stream");
    assert_eq!(problem(stream.send().await.expect("answer")).await.0, 429, "streams count too");
    drop(two);
    let until = tokio::time::Instant::now() + crate::harness::PATIENCE;
    while edge.socket("").await.is_err() {
        assert!(tokio::time::Instant::now() < until, "the place was not given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_core_that_is_away_refuses_before_the_upgrade() {
    let edge = Edge::start().await;
    edge.core.stop();
    let refused = edge.socket("").await.err().expect("refused");
    assert_eq!(refused.0, 503);
    let plain = edge.get("/api/ws").await;
    assert_eq!(problem(plain).await.0, 400, "no upgrade at all");
}
