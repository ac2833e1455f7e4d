//! Health, and the way out.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::harness::{Edge, PATIENCE, problem};

#[tokio::test]
async fn ready_follows_the_core() {
    let edge = Edge::start().await;
    let status = async |path| edge.bare(Method::GET, path).send().await.expect("answer").status();
    let becomes = async |wanted: u16| {
        let until = Instant::now() + PATIENCE;
        while status("/health/ready").await != wanted {
            assert!(Instant::now() < until, "never {wanted}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    becomes(200).await;
    edge.core.stop();
    becomes(503).await;
    assert_eq!(status("/health/live").await, 200);
    let (status, name, _) = problem(edge.get("/api/clients/me").await).await;
    assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
}

#[tokio::test]
async fn supervision_is_for_administrators() {
    let edge = Edge::start().await;
    for path in ["/supervision/health", "/supervision/connectivity"] {
        let (status, name, _) = problem(edge.get(path).await).await;
        assert_eq!((status, name.as_str()), (403, "NOT_REQUIRED_ROLE"));
        let request = edge.bare(Method::GET, path).header("email", "a@b.c").header("role", "ADMIN");
        assert_eq!(request.send().await.expect("answer").status(), 200);
        let stranger = edge.bare(Method::GET, path).send().await.expect("answer");
        assert_eq!(stranger.status(), 401);
    }
}

#[tokio::test]
async fn the_stop_ends_everything_in_time() {
    let edge = Edge::start().await;
    let mut socket = edge.socket("").await.expect("open");
    assert_eq!(socket.frame().await["type"], "ready");
    let stream = edge.request(Method::GET, "/api/events").header("accept", "text/event-stream");
    let stream = stream.timeout(Duration::from_secs(60)).send().await.expect("stream");

    let began = Instant::now();
    edge.stop.cancel();
    let (code, ended) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(25), async {
            let mut socket = socket;
            loop {
                match futures_util::StreamExt::next(&mut socket.0).await {
                    Some(Ok(tokio_tungstenite::tungstenite::Message::Close(Some(frame)))) => {
                        return u16::from(frame.code);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return 0,
                }
            }
        }),
        stream.text(),
    );
    assert_eq!(code.expect("closed"), 4009);
    assert!(ended.is_ok(), "the stream ends cleanly");
    edge.serving.await.expect("task").expect("a clean end");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}
