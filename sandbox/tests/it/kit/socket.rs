//! A dashboard's WebSocket.
//!
//! It keeps every event it saw, so that a story can claim afterwards that none was missing and none
//! came twice.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _, protocol::CloseFrame},
};

use super::{PATIENCE, Recruiter, of_type};

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    recruiter: Recruiter,
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The place that was reached: of the first frame, then of the last event.
    pub cursor: String,
    /// Every event so far, also those before a resumption.
    pub seen: Vec<Value>,
}

impl Socket {
    pub(super) async fn open(recruiter: Recruiter, after: Option<&str>) -> Self {
        let opened = Self::try_open(&recruiter, after).await;
        let (stream, cursor) = opened.unwrap_or_else(|status| panic!("the socket got {status}"));
        Self { recruiter, stream, cursor, seen: Vec::new() }
    }

    /// Claims that the edge refuses a socket after this cursor, and gives the status.
    pub async fn refused(recruiter: &Recruiter, after: &str) -> u16 {
        Self::try_open(recruiter, Some(after)).await.expect_err("must be refused")
    }

    async fn try_open(
        recruiter: &Recruiter,
        after: Option<&str>,
    ) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, String), u16> {
        let query = after.map(|cursor| format!("?after={cursor}")).unwrap_or_default();
        let url = format!("ws://{}/api/ws{query}", recruiter.edge());
        let mut request = url.into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert("email", recruiter.email.parse().expect("a header"));
        headers.insert("role", recruiter.role().parse().expect("a header"));
        let opened = timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await;
        let mut stream = match opened.expect("the edge answers an upgrade") {
            Ok((stream, _)) => stream,
            Err(tungstenite::Error::Http(answer)) => return Err(answer.status().as_u16()),
            Err(error) => panic!("no socket: {error}"),
        };
        let first = timeout(PATIENCE, stream.next()).await.expect("a first frame");
        let first = first.expect("a first frame").expect("a first frame");
        let ready: Value = serde_json::from_str(first.to_text().expect("text")).expect("JSON");
        assert_eq!(ready["type"], "ready", "{ready}");
        assert_eq!(ready["heartbeatSeconds"], 25, "{ready}");
        Ok((stream, ready["cursor"].as_str().expect("a cursor").to_owned()))
    }

    /// The next frame of any kind but a heartbeat, or the close frame.
    async fn frame(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("a frame is JSON");
                    if frame["type"] != "heartbeat" {
                        return Ok(frame);
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(other)) => panic!("not a text frame: {other:?}"),
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next frame; the socket must stay open.
    pub async fn next(&mut self) -> Value {
        let frame = timeout(PATIENCE, self.frame()).await.unwrap_or_else(|_| {
            let kinds: Vec<_> = self.seen.iter().map(|event| event["type"].clone()).collect();
            panic!("no frame came; seen so far: {kinds:?}")
        });
        let frame = frame.unwrap_or_else(|close| panic!("the socket was closed: {close:?}"));
        self.note(&frame);
        frame
    }

    /// The next frame; a socket that breaks is opened again after the last event, as a browser does.
    pub async fn next_or_resume(&mut self) -> Value {
        match timeout(PATIENCE, self.frame()).await.expect("a frame comes in time") {
            Ok(frame) => {
                self.note(&frame);
                frame
            }
            Err(_) => {
                self.resume().await;
                Box::pin(self.next_or_resume()).await
            }
        }
    }

    /// Leaves, and comes back after the last event seen.
    pub async fn resume(&mut self) {
        let opened = Self::try_open(&self.recruiter, Some(&self.cursor)).await;
        let (stream, cursor) = opened.unwrap_or_else(|status| panic!("resuming got {status}"));
        assert_eq!(cursor, self.cursor, "it goes on from where it was");
        self.stream = stream;
    }

    /// The data of the next event of this type; what comes before it is kept in `seen`.
    pub async fn expect(&mut self, kind: &str) -> Value {
        self.until(kind, |_| true).await
    }

    /// The data of the next event of this type that fits.
    pub async fn until(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut frame = self.next().await;
            if frame["type"] == kind && fits(&frame["data"]) {
                return frame["data"].take();
            }
        }
    }

    /// The data of the first event of this type that fits, seen already or still to come.
    pub async fn once(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let known = of_type(&self.seen, kind).into_iter().find(|data| fits(data)).cloned();
        match known {
            Some(data) => data,
            None => self.until(kind, fits).await,
        }
    }

    /// Waits until a message has had this status.
    pub async fn message_is(&mut self, id: &Value, status: &str) -> Value {
        self.once("message:status", |data| data["messageId"] == *id && data["status"] == status)
            .await
    }

    /// Waits until the candidate's text has arrived; gives `{conversation, message}`.
    pub async fn hears(&mut self, text: &str) -> Value {
        self.once("message:incoming", |data| data["message"]["content"]["text"] == text).await
    }

    /// Says something to the edge.
    pub async fn say(&mut self, text: String) {
        self.stream.send(Message::text(text)).await.expect("the socket takes it");
    }

    /// Waits for the close frame and gives its code.
    pub async fn closed(&mut self) -> u16 {
        let closed = timeout(PATIENCE, async {
            loop {
                match self.frame().await {
                    Ok(frame) => self.note(&frame),
                    Err(close) => return close,
                }
            }
        });
        closed.await.expect("it closes in time").map_or(0, |frame| frame.code.into())
    }

    fn note(&mut self, frame: &Value) {
        if let Some(id) = frame["id"].as_str() {
            id.clone_into(&mut self.cursor);
            self.seen.push(frame.clone());
        }
    }
}
