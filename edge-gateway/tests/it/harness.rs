//! A running edge in front of a fake core, and the verbs of the tests.

use std::{net::SocketAddr, time::Duration};

use edge_gateway::{
    Config, app,
    config::{ConfigError, Secret},
};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::{net::TcpListener, net::TcpStream, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};
use tokio_util::sync::CancellationToken;

use crate::fake::FakeCore;

pub const TOKEN: &str = "a-service-token-of-32-characters";
pub const APP_SECRETS: [&str; 2] = ["app-secret-one", "app-secret-two"];
pub const VERIFY_TOKEN: &str = "verify-me";
pub const EMAIL: &str = "recruiter@linkojob.test";
/// Longer than anything that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Edge {
    pub core: FakeCore,
    pub address: SocketAddr,
    pub http: reqwest::Client,
    pub stop: CancellationToken,
    pub serving: JoinHandle<Result<(), app::Error>>,
}

impl Edge {
    pub async fn start() -> Self {
        Self::with(|_| Ok(())).await
    }

    pub async fn with(change: impl FnOnce(&mut Config) -> Result<(), ConfigError>) -> Self {
        Self::before(FakeCore::start().await, &[], change).await
    }

    /// In front of this core and others.
    pub async fn before(
        core: FakeCore,
        others: &[FakeCore],
        change: impl FnOnce(&mut Config) -> Result<(), ConfigError>,
    ) -> Self {
        let cores = std::iter::once(&core).chain(others);
        let urls: Vec<String> = cores.map(|core| format!("http://{}", core.address)).collect();
        let mut config = Config {
            core_url: urls.join(",").parse().expect("urls"),
            core_service_token: Some(Secret::from(TOKEN)),
            meta_app_secrets: Some(Secret::from(APP_SECRETS.join(",").as_str())),
            meta_verify_token: Some(Secret::from(VERIFY_TOKEN)),
            ..Config::default()
        };
        change(&mut config).expect("config");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = listener.local_addr().expect("address");
        let stop = CancellationToken::new();
        let serving = tokio::spawn(app::run(config, listener, stop.clone()));
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().expect("client");
        Self { core, address, http, stop, serving }
    }

    /// A request without identity.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// A request of the recruiter.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("email", EMAIL).header("role", "MANAGER")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path).json(&body).send().await.expect("answer")
    }

    /// Opens a socket, or tells the status of the refusal and its body.
    pub async fn socket(&self, query: &str) -> Result<Socket, (u16, Value)> {
        self.socket_with(query, &[]).await
    }

    pub async fn socket_with(
        &self,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, (u16, Value)> {
        let url = format!("ws://{}/api/ws{query}", self.address);
        let mut request = url.into_client_request().expect("request");
        request.headers_mut().insert("email", EMAIL.parse().expect("value"));
        request.headers_mut().insert("role", "MANAGER".parse().expect("value"));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("value"));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("the socket broke: {error}"),
        }
    }
}

/// A client's side of a WebSocket.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The next text frame.
    pub async fn frame(&mut self) -> Value {
        match self.any().await {
            Ok(frame) => frame,
            Err(code) => panic!("closed with {code}"),
        }
    }

    /// The next text frame that is no heartbeat.
    pub async fn news(&mut self) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] != "heartbeat" {
                return frame;
            }
        }
    }

    /// The next text frame, or the code it was closed with (0: without any).
    pub async fn any(&mut self) -> Result<Value, u16> {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("json"));
                }
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(0),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads to the end and returns the close code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.any().await {
                return code;
            }
        }
    }

    pub async fn say(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.expect("sent");
    }
}

/// Status and name of a problem, after checking that it has the one shape.
pub async fn problem(response: Response) -> (u16, String, Value) {
    let status = response.status().as_u16();
    let header =
        |name: &str| response.headers().get(name).map(|v| v.to_str().expect("ascii").to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
    let request_id = header("x-request-id").expect("a request id");
    let body: Value = response.json().await.expect("json");
    assert_eq!(body["type"], "about:blank");
    assert_eq!(body["status"], status);
    assert_eq!(body["requestId"], request_id.as_str());
    assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
    assert!(body["error"]["details"].is_string(), "{body}");
    let name = body["error"]["name"].as_str().expect("name").to_owned();
    assert_eq!(body["errors"].is_array(), name == "VALIDATION_ERROR", "{body}");
    (status, name, body)
}
