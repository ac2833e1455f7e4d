//! A simulated Meta on a free port, and an app that receives its webhooks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sandbox::meta::account::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, DEFAULT_WABA_ID};
use sandbox::meta::listener::serve;
use sandbox::meta::{World, WorldConfig, graph_router, phone_router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Secret of the app under test.
pub const SECRET: &str = "an-app-secret";
/// The candidate of most stories.
pub const ANA: &str = "16505551234";

/// A running simulator and the app it talks to.
pub struct Sim {
    /// The platform itself.
    pub world: World,
    /// Our app.
    pub app: App,
    http: reqwest::Client,
    base: String,
    stop: CancellationToken,
    tracker: TaskTracker,
}

/// What a call answered.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    async fn of(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// `(status, error.code)`.
    pub fn refusal(&self) -> (u16, u64) {
        (self.status, self.json()["error"]["code"].as_u64().unwrap_or_default())
    }
}

impl Sim {
    /// Starts one with the default account subscribed, and nothing kept on disk.
    pub async fn start() -> Self {
        let sim = Self::start_in(None).await;
        let path = format!("/v25.0/{DEFAULT_WABA_ID}/subscribed_apps");
        assert_eq!(sim.post(&path, json!({})).await.json(), json!({"success": true}));
        sim
    }

    /// Starts one, with its state in a folder.
    pub async fn start_in(data: Option<PathBuf>) -> Self {
        let app = App::start().await;
        let world = World::new(WorldConfig {
            app_secret: SECRET.to_owned(),
            webhook_url: Some(format!("http://{}/api/webhooks", app.addr)),
            data,
            ..WorldConfig::default()
        })
        .expect("a world");
        let stop = CancellationToken::new();
        let tracker = world.start(stop.clone());
        let router = Router::new()
            .nest("/graph", graph_router(world.clone()))
            .nest("/phone", phone_router(world.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tracker.reopen();
        tracker.spawn(serve(listener, router, stop.clone()));
        tracker.close();
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(none).build().expect("a client");
        Self { world, app, http, base, stop, tracker }
    }

    /// Stops everything and waits for the last snapshot.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tracker.wait().await;
    }

    /// A call that may break before it has an answer.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> reqwest::Result<Answer> {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await?).await
    }

    /// A download, whose body is still to be read.
    pub async fn fetch(&self, url: &str, token: Option<&str>) -> reqwest::Response {
        let request = self.http.get(url);
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        request.send().await.expect("an answer")
    }

    /// An upload as the default customer.
    pub async fn upload(&self, mime_type: &str, bytes: &[u8]) -> Answer {
        let head = format!(
            "--form\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\n\
             whatsapp\r\n--form\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a.bin\"\r\nContent-Type: {mime_type}\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--form--\r\n"].concat();
        let path = format!("{}/graph/v25.0/{DEFAULT_PHONE_NUMBER_ID}/media", self.base);
        let request = self.http.post(path).bearer_auth(DEFAULT_TOKEN).body(body);
        let request = request.header("content-type", "multipart/form-data; boundary=form");
        Answer::of(request.send().await.expect("an answer")).await.expect("a body")
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// A Graph read as the default customer.
    pub async fn get(&self, path: &str) -> Answer {
        let path = format!("/graph{path}");
        self.call("GET", &path, Some(DEFAULT_TOKEN), None).await.expect("an answer")
    }

    /// A Graph write as the default customer.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let path = format!("/graph{path}");
        self.call("POST", &path, Some(DEFAULT_TOKEN), Some(body)).await.expect("an answer")
    }

    /// A send as the default customer, which may break.
    pub async fn try_send(&self, body: Value) -> reqwest::Result<Answer> {
        let path = format!("/graph/v25.0/{DEFAULT_PHONE_NUMBER_ID}/messages");
        self.call("POST", &path, Some(DEFAULT_TOKEN), Some(body)).await
    }

    /// A send as the default customer.
    pub async fn send(&self, body: Value) -> Answer {
        self.try_send(body).await.expect("an answer")
    }

    /// A control call that must work.
    pub async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(method, path, None, body).await.expect("an answer");
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        if answer.text.is_empty() { Value::Null } else { answer.json() }
    }

    /// Adds rules.
    pub async fn script(&self, rules: Value) {
        self.control("POST", "/graph/_script", Some(json!({"rules": rules}))).await;
    }

    /// Changes settings.
    pub async fn settings(&self, settings: Value) {
        self.control("POST", "/graph/_script", Some(json!({"settings": settings}))).await;
    }

    /// Lets a candidate write, and waits until the app acknowledged it.
    pub async fn writes(&self, number: &str, body: Value) -> String {
        let path = format!("/phone/{number}/messages?wait=true");
        let answer = self.control("POST", &path, Some(body)).await;
        answer["wamid"].as_str().expect("a wamid").to_owned()
    }

    /// How many messages the ledger has.
    pub async fn accepted(&self) -> u64 {
        let ledger = self.control("GET", "/graph/_ledger", None).await;
        ledger["count"].as_u64().expect("a count")
    }
}

/// A free text.
pub fn text(to: &str, body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{to}"), "type": "text",
           "text": {"body": body}, "biz_opaque_callback_data": format!("opaque-{body}")})
}

/// The first-contact template.
pub fn template(to: &str, name: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{to}"), "type": "template",
           "template": {"name": "initiate", "language": {"code": "en_US"}, "components": [
               {"type": "body", "parameters": [{"type": "text", "text": name}]}]}})
}

/// One webhook as it arrived.
pub struct Webhook {
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The bytes.
    pub raw: String,
}

impl Webhook {
    /// Its only `value`.
    pub fn value(&self) -> Value {
        let body: Value = serde_json::from_str(&self.raw).expect("JSON");
        body["entry"][0]["changes"][0]["value"].clone()
    }
}

/// An app that receives webhooks.
pub struct App {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Statuses of the next answers; 200 when there is none.
    answers: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::Receiver<Webhook>,
}

#[derive(Clone)]
struct Desk {
    answers: Arc<Mutex<VecDeque<u16>>>,
    arrivals: mpsc::Sender<Webhook>,
}

impl App {
    async fn start() -> Self {
        let (arrivals, arrived) = mpsc::channel(10_000);
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let desk = Desk { answers: answers.clone(), arrivals };
        let router = Router::new()
            .route("/api/webhooks", post(receive))
            // Meta's deliveries are larger than what the framework takes by itself.
            .layer(DefaultBodyLimit::max(3 << 20))
            .with_state(desk);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { addr, answers, arrived }
    }

    /// The next webhook.
    pub async fn next(&mut self) -> Webhook {
        let next = tokio::time::timeout(Duration::from_secs(20), self.arrived.recv()).await;
        next.expect("a webhook arrives in time").expect("the app runs")
    }

    /// A webhook that is there already.
    pub fn waiting(&mut self) -> Option<Webhook> {
        self.arrived.try_recv().ok()
    }

    /// The status of the next webhook, which must carry one: `(status, element)`.
    pub async fn next_status(&mut self) -> (String, Value) {
        let value = self.next().await.value();
        let element = value["statuses"][0].clone();
        (element["status"].as_str().unwrap_or_default().to_owned(), element)
    }

    /// Answers the next webhooks with these statuses.
    pub fn will_answer(&self, statuses: &[u16]) {
        self.answers.lock().expect("not poisoned").extend(statuses);
    }
}

async fn receive(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let raw = String::from_utf8(body.to_vec()).expect("UTF-8");
    desk.arrivals.send(Webhook { headers, raw }).await.expect("the test runs");
    let answer = desk.answers.lock().expect("not poisoned").pop_front();
    StatusCode::from_u16(answer.unwrap_or(200)).expect("a status")
}
