//! Stand-ins for the edges: they say what reached them, and remember every identity that did.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, State,
        ws::{Message, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// The headers that say who the caller is.
pub const IDENTITY: [&str; 3] = ["email", "role", "x-gateway-secret"];

/// More than any test sends.
const LARGEST: usize = 16 * 1024 * 1024;

/// One identity that reached an edge: every value of every header that is part of it.
pub type Claim = BTreeMap<&'static str, Vec<String>>;

/// Both edges.
#[derive(Clone, Default)]
pub struct Edge {
    claims: Arc<Mutex<Vec<Claim>>>,
    /// Lets a stream of events go on.
    pub go_on: Arc<Notify>,
}

impl Edge {
    /// Starts one of them.
    pub async fn serve(&self, name: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let echo =
            async move |State(edge): State<Self>, uri: Uri, headers: HeaderMap, body: Bytes| {
                edge.remember(&headers);
                echo(name, &uri, &headers, &body)
            };
        let router = Router::new()
            .route("/api/ws", get(talk).fallback(echo))
            .route("/stream", get(trickle))
            .route("/api/events", get(trickle))
            .fallback(any(echo))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// Every identity that reached an edge since the last call.
    pub fn claims(&self) -> Vec<Claim> {
        std::mem::take(&mut *self.claims.lock().expect("a lock"))
    }

    fn remember(&self, headers: &HeaderMap) {
        self.claims.lock().expect("a lock").push(claim(headers));
    }
}

fn claim(headers: &HeaderMap) -> Claim {
    let values = |name| {
        let values = headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    IDENTITY.into_iter().map(|name| (name, values(name))).collect()
}

/// What reached the edge.
fn echo(name: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Json<Value> {
    let names: Vec<_> = headers.keys().map(ToString::to_string).collect();
    Json(json!({
        "edge": name, "uri": uri.to_string(), "claim": claim(headers), "names": names,
        "requestId": headers.get("x-request-id").and_then(|id| id.to_str().ok()),
        "bytes": body.len(),
    }))
}

/// Says who connected, then repeats every frame.
async fn talk(
    State(edge): State<Edge>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    edge.remember(&headers);
    let claim = json!(claim(&headers)).to_string();
    let Ok(upgrade) = upgrade else {
        return Json(json!({ "claim": claim })).into_response();
    };
    upgrade.on_upgrade(async move |mut socket| {
        let mut sent = socket.send(Message::text(claim)).await;
        while let (Ok(()), Some(Ok(frame))) = (&sent, socket.recv().await) {
            sent = socket.send(frame).await;
        }
    })
}

/// One event at once, another one when it is told to.
async fn trickle(State(edge): State<Edge>, headers: HeaderMap) -> Response {
    edge.remember(&headers);
    let first = stream::once(async { "data: 1\n\n" });
    let second = stream::once(async move {
        edge.go_on.notified().await;
        "data: 2\n\n"
    });
    let body = first.chain(second).map(Ok::<_, Infallible>);
    ([(CONTENT_TYPE, "text/event-stream")], axum::body::Body::from_stream(body)).into_response()
}
