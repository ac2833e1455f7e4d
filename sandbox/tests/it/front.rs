//! The front with a stand-in for the edge that repeats what it was told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{ConnectInfo, OriginalUri};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::{any, get};
use axum::{Json, Router};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, RequestBuilder, StatusCode};
use sandbox::front::{FrontConfig, Info, router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite;

const PATIENCE: Duration = Duration::from_secs(10);
const SECRET: &str = "between-gateway-and-edge";

/// What the edge saw: headers (repeated values joined), address, peer.
async fn echo(
    OriginalUri(uri): OriginalUri,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Json<Value> {
    let mut seen = BTreeMap::<String, String>::new();
    for (name, value) in &headers {
        let value = value.to_str().unwrap_or("?");
        seen.entry(name.to_string()).and_modify(|all| *all += " & ").or_default().push_str(value);
    }
    Json(json!({ "uri": uri.to_string(), "headers": seen, "loopback": peer.ip().is_loopback() }))
}

/// Says who connected, then repeats every frame.
async fn talk(upgrade: WebSocketUpgrade, headers: HeaderMap) -> Response {
    let email = headers["email"].to_str().unwrap_or("?").to_owned();
    upgrade.on_upgrade(async move |mut socket| {
        let hello = socket.send(Message::text(email)).await;
        while let (Ok(()), Some(Ok(frame))) = (&hello, socket.recv().await) {
            if socket.send(frame).await.is_err() {
                return;
            }
        }
    })
}

/// A running front, and a way to call it.
struct Site {
    address: SocketAddr,
    client: Client,
}

impl Site {
    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.address))
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("http://{}{path}", self.address))
    }
}

async fn served() -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let edge = Router::new().route("/api/ws", get(talk)).fallback(any(echo));
    let graph = Router::new().route("/_clock", any(|| async { "graph" }));
    let phone = Router::new().route("/{number}", any(|| async { "phone" }));
    let config = FrontConfig {
        port: address.port(),
        gateway_secret: Some(HeaderValue::from_static(SECRET)),
        info: Info { account: json!({ "wabaId": "1" }), addresses: json!({ "page": "here" }) },
    };
    let front = router(edge, graph, phone, config);
    tokio::spawn(async move { axum::serve(listener, front).await });
    let client = Client::builder().timeout(PATIENCE).build().expect("a client");
    Site { address, client }
}

async fn seen(request: RequestBuilder) -> Value {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.expect("JSON")
}

#[tokio::test]
async fn the_edge_is_told_the_default_recruiter() {
    let site = served().await;
    let seen = seen(site.get("/api/clients?limit=2")).await;
    assert_eq!(seen["headers"]["email"], "recruiter@linkojob.test");
    assert_eq!(seen["headers"]["role"], "MANAGER");
    assert_eq!(seen["headers"]["x-gateway-secret"], SECRET);
    assert_eq!(seen["headers"]["host"], site.address.to_string());
    assert_eq!(seen["uri"], "/api/clients?limit=2");
    assert_eq!(seen["loopback"], true);
}

#[tokio::test]
async fn identity_headers_of_the_sender_are_thrown_away() {
    let site = served().await;
    let request = site
        .get("/api/clients")
        .header("email", "forged@linkojob.test")
        .header("Email", "again@linkojob.test")
        .header("ROLE", "SUPER_ADMIN")
        .header("X-Gateway-Secret", "guessed");
    let seen = seen(request).await;
    assert_eq!(seen["headers"]["email"], "recruiter@linkojob.test");
    assert_eq!(seen["headers"]["role"], "MANAGER");
    assert_eq!(seen["headers"]["x-gateway-secret"], SECRET);
}

#[tokio::test]
async fn a_recruiter_chosen_in_the_query_is_remembered_and_not_forwarded() {
    let site = served().await;
    let path = "/api/clients?as=ana%40linkojob.test&limit=2&role=USER";
    let first = site.get(path).send().await.unwrap();
    let cookies: Vec<_> = first
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    assert_eq!(cookies, ["sandbox_as=ana@linkojob.test", "sandbox_role=USER"]);
    let answer: Value = first.json().await.unwrap();
    assert_eq!(answer["headers"]["email"], "ana@linkojob.test");
    assert_eq!(answer["headers"]["role"], "USER");
    assert_eq!(answer["uri"], "/api/clients?limit=2");

    let again = site.get("/api/clients").header("cookie", cookies.join("; "));
    let answer = seen(again).await;
    assert_eq!(answer["headers"]["email"], "ana@linkojob.test");
    assert_eq!(answer["headers"]["role"], "USER");
}

#[tokio::test]
async fn a_webhook_carries_nobodys_identity_and_keeps_its_query() {
    let site = served().await;
    let path = "/api/webhooks?hub.mode=subscribe&role=kept";
    let seen = seen(site.get(path).header("email", "forged@linkojob.test")).await;
    assert_eq!(seen["headers"]["email"], Value::Null);
    assert_eq!(seen["headers"]["role"], Value::Null);
    assert_eq!(seen["uri"], "/api/webhooks?hub.mode=subscribe&role=kept");
}

#[tokio::test]
async fn another_host_name_is_refused_everywhere() {
    let site = served().await;
    for path in ["/", "/api/clients", "/graph/_clock", "/phone/16505550123", "/sandbox/info"] {
        let foreign = site.get(path).header("host", "rebound.example").send().await;
        assert_eq!(foreign.unwrap().status(), StatusCode::FORBIDDEN, "{path}");
        let own = format!("localhost:{}", site.address.port());
        let own = site.get(path).header("host", own).send().await;
        assert_eq!(own.unwrap().status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn another_sites_page_cannot_steer_the_simulated_meta() {
    let site = served().await;
    let path = "/graph/_clock";
    let foreign = site.post(path).header("origin", "http://other.example").send().await;
    assert_eq!(foreign.unwrap().status(), StatusCode::FORBIDDEN);
    let own = site.post(path).header("origin", format!("http://{}", site.address)).send().await;
    assert_eq!(own.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_page_may_talk_only_to_its_own_address() {
    let site = served().await;
    for (path, kind) in [("/", "text/html"), ("/assets/app.js", "text/javascript")] {
        let page = site.get(path).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(kind), "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    }
    let missing = site.get("/assets/none.js").send().await;
    assert_eq!(missing.unwrap().status(), StatusCode::NOT_FOUND);
    let nowhere = site.get("/metrics").send().await;
    assert_eq!(nowhere.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_learns_who_it_is_and_what_it_may_connect() {
    let site = served().await;
    let path = "/sandbox/info?as=ana%40linkojob.test";
    let info = seen(site.get(path)).await;
    assert_eq!(info["as"], json!({ "email": "ana@linkojob.test", "role": "MANAGER" }));
    assert_eq!(info["account"]["wabaId"], "1");
    assert_eq!(info["addresses"]["page"], "here");
}

#[tokio::test]
async fn a_websocket_passes_through_to_the_edge() {
    let site = served().await;
    let url = format!("ws://{}/api/ws?as=ana%40linkojob.test", site.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let hello = socket.next().await.unwrap().unwrap();
    assert_eq!(hello.into_text().unwrap().as_str(), "ana@linkojob.test");
    socket.send(tungstenite::Message::text("still there?")).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert_eq!(answer.into_text().unwrap().as_str(), "still there?");
}
