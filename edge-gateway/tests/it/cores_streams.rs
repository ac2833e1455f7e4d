//! Streams over two cores: they go elsewhere when their core goes, come back when it does, and lose
//! nothing on the way.

use std::time::{Duration, Instant};

use crate::{
    cores::Pair,
    harness::{Edge, Socket},
};

async fn hears(socket: &mut Socket, cursor: &str) {
    assert_eq!(socket.frame().await["id"], cursor);
}

async fn open(pair: &Pair) -> Socket {
    let mut socket = pair.edge.socket("").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    pair.home.until_streams(1).await;
    // Followed live, not caught up with by pages.
    hears(&mut socket, &pair.home.happen(10)).await;
    socket
}

#[tokio::test]
async fn a_stream_goes_on_at_another_core() {
    let pair = Pair::start().await;
    let mut socket = open(&pair).await;
    pair.home.stop();
    for _ in 0..10 {
        hears(&mut socket, &pair.other.happen(10)).await;
    }
    assert_eq!(pair.other.calls("subscribe").len(), 1);
}

#[tokio::test]
async fn a_stream_leaves_a_core_that_hangs_and_comes_back_in_a_quiet_moment() {
    let pair = Pair::start().await;
    let mut socket = open(&pair).await;
    let halted = pair.home.halt();
    let began = Instant::now();
    hears(&mut socket, &pair.other.happen(10)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    drop(halted);
    pair.until_states(["serving", "serving"]).await;
    hears(&mut socket, &pair.other.happen(10)).await;
    assert_eq!(pair.home.calls("subscribe").len(), 1, "not while something happens");
    pair.other.beat();
    pair.home.until_streams(2).await;
    let after = &pair.home.calls("subscribe")[1].request;
    assert!(after.contains(r#"after: "c3""#), "{after}");
    for _ in 0..10 {
        hears(&mut socket, &pair.home.happen(10)).await;
    }
    pair.home.beat();
    hears(&mut socket, &pair.home.happen(10)).await;
    assert_eq!(pair.home.calls("subscribe").len(), 2, "at home it stays");
}

#[tokio::test]
async fn an_idle_stream_that_breaks_often_is_opened_again_as_soon() {
    let edge = Edge::start().await;
    let mut socket = edge.socket("").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    edge.core.until_streams(1).await;
    let began = Instant::now();
    for n in 2..=10 {
        edge.core.break_streams();
        edge.core.until_streams(n).await;
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    hears(&mut socket, &edge.core.happen(10)).await;
}
