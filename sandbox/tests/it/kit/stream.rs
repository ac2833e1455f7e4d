//! A dashboard's Server-Sent Events.

use futures_util::{StreamExt as _, stream::BoxStream};
use reqwest::Method;
use serde_json::Value;
use tokio::time::timeout;

use super::{Answer, PATIENCE, Recruiter};

/// An open stream.
pub struct Stream {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    text: String,
}

impl Stream {
    pub(super) async fn open(recruiter: &Recruiter, last_event_id: Option<&str>) -> Self {
        let answer = Self::ask(recruiter, last_event_id).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let bytes = answer.bytes_stream().boxed();
        Self { bytes, text: String::new() }
    }

    /// Claims that the edge refuses a stream after this cursor, and gives the answer.
    pub async fn refused(recruiter: &Recruiter, last_event_id: &str) -> Answer {
        Answer::of(Self::ask(recruiter, Some(last_event_id)).await).await
    }

    async fn ask(recruiter: &Recruiter, last_event_id: Option<&str>) -> reqwest::Response {
        let request = recruiter.request(Method::GET, "/api/events");
        let mut request = request.header("accept", "text/event-stream");
        if let Some(cursor) = last_event_id {
            request = request.header("last-event-id", cursor);
        }
        request.send().await.expect("the edge answers")
    }

    /// The next event: its `id:` and its `data:`.
    pub async fn next(&mut self) -> (String, Value) {
        timeout(PATIENCE, self.event()).await.expect("an event comes in time")
    }

    async fn event(&mut self) -> (String, Value) {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                let found = line("data: ").map(|data| {
                    let data = serde_json::from_str(data).expect("data is JSON");
                    (line("id: ").unwrap_or_default().to_owned(), data)
                });
                self.text = rest.to_owned();
                if let Some(event) = found {
                    return event;
                }
            }
            let bytes = self.bytes.next().await.expect("the stream goes on").expect("bytes");
            self.text.push_str(std::str::from_utf8(&bytes).expect("whole characters"));
        }
    }
}
