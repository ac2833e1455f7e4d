//! Meta as far as templates and the number go, over real HTTP.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Default)]
struct Told {
    templates: Mutex<Vec<Value>>,
    quality: Mutex<String>,
    away: AtomicUsize,
    asked: AtomicUsize,
}

/// Meta.
pub struct Meta {
    pub url: String,
    told: Arc<Told>,
}

impl Meta {
    /// Begins to listen, with the two usual templates.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Told::default());
        told.templates.lock().unwrap().extend([template(1, "initiate"), template(2, "reengage")]);
        "GREEN".clone_into(&mut told.quality.lock().unwrap());
        let router = Router::new()
            .route("/v25.0/{account}/message_templates", get(templates))
            .route("/v25.0/{number}", get(number))
            .with_state(Arc::clone(&told));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, told }
    }

    /// There is one more template.
    pub fn add(&self, id: u64, name: &str) {
        self.told.templates.lock().unwrap().push(template(id, name));
    }

    /// The quality of the number is another one.
    pub fn rates(&self, quality: &str) {
        quality.clone_into(&mut self.told.quality.lock().unwrap());
    }

    /// The next questions find nobody.
    pub fn is_away(&self, questions: usize) {
        self.told.away.store(questions, Ordering::Relaxed);
    }

    /// How often the templates were asked for.
    pub fn asked(&self) -> usize {
        self.told.asked.load(Ordering::Relaxed)
    }
}

fn template(id: u64, name: &str) -> Value {
    json!({"id": id.to_string(), "name": name, "language": "en_US", "status": "APPROVED",
        "category": "UTILITY", "parameter_format": "POSITIONAL",
        "components": [{"type": "BODY", "text": "Hi {{1}}"}]})
}

async fn templates(State(told): State<Arc<Told>>) -> Response {
    told.asked.fetch_add(1, Ordering::Relaxed);
    let away = |left: usize| left.checked_sub(1);
    if told.away.fetch_update(Ordering::Relaxed, Ordering::Relaxed, away).is_ok() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(json!({"data": *told.templates.lock().unwrap()})).into_response()
}

async fn number(State(told): State<Arc<Told>>) -> Json<Value> {
    Json(json!({"id": "106540352242922", "quality_rating": *told.quality.lock().unwrap()}))
}
