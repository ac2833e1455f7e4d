//! `GET /api/events`: pages, and the event stream.

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Edge, PATIENCE, problem};

/// Reads blocks of an event stream.
struct Stream {
    bytes: futures_util::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    text: String,
}

impl Stream {
    async fn open(edge: &Edge, query: &str, last: Option<&str>) -> Self {
        let request = edge.request(Method::GET, &format!("/api/events{query}"));
        let mut request = request.header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.expect("answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { bytes: answer.bytes_stream().boxed(), text: String::new() }
    }

    async fn block(&mut self) -> String {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return block;
            }
            let chunk = timeout(PATIENCE, self.bytes.next()).await.expect("in time");
            let chunk = chunk.expect("more").expect("bytes");
            self.text.push_str(std::str::from_utf8(&chunk).expect("utf-8"));
        }
    }

    async fn event(&mut self) -> (String, Value) {
        let block = self.block().await;
        let line = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name} in {block}")).to_owned()
        };
        (line("id: "), serde_json::from_str(&line("data: ")).expect("json"))
    }
}

#[tokio::test]
async fn pages_go_from_the_oldest_to_the_newest() {
    let edge = Edge::start().await;
    for _ in 0..3 {
        edge.core.happen(10);
    }
    let page = async |query: &str| -> Value {
        edge.get(&format!("/api/events{query}")).await.json().await.expect("json")
    };
    let first = page("?limit=2").await;
    assert_eq!(first["data"][1]["id"], "c2");
    assert_eq!(first["nextCursor"], "c2");
    assert_eq!(first.get("reset"), None);
    let last = page("?after=c3").await;
    assert_eq!(last, json!({"data": [], "nextCursor": "c3"}));
    edge.core.trim();
    let reset = page("?after=c1").await;
    assert_eq!(reset, json!({"data": [], "reset": true, "nextCursor": "c3"}));
}

#[tokio::test]
async fn a_stream_resumes_after_the_last_event_id() {
    let edge = Edge::start().await;
    for _ in 0..4 {
        edge.core.happen(10);
    }
    let mut stream = Stream::open(&edge, "?after=c0", Some("c2")).await;
    let ready = stream.block().await;
    assert!(ready.contains("id: c2") && !ready.contains("data:"), "{ready}");
    for n in 3..=4 {
        let (id, event) = stream.event().await;
        assert_eq!((id.as_str(), &event["id"]), (format!("c{n}").as_str(), &json!(id)));
        assert_eq!(event["type"], "message:incoming");
    }
    edge.core.happen(10);
    assert_eq!(stream.event().await.0, "c5");
}

#[tokio::test]
async fn a_stream_tells_of_a_reset_and_refuses_a_forged_cursor() {
    let edge = Edge::start().await;
    for _ in 0..4 {
        edge.core.happen(10);
    }
    edge.core.trim();
    let mut stream = Stream::open(&edge, "?after=c1", None).await;
    stream.block().await;
    let reset = stream.block().await;
    assert!(reset.contains("event: reset") && reset.contains("id: c4"), "{reset}");
    edge.core.happen(10);
    assert_eq!(stream.event().await.0, "c5");

    let forged = edge.request(Method::GET, "/api/events").header("accept", "text/event-stream");
    let forged = forged.header("last-event-id", "forged").send().await.expect("answer");
    assert_eq!(problem(forged).await.1, "INVALID_CURSOR");
}
