//! Meta as far as files go, over real HTTP: what it says of them, and their bytes. It plays what it is told.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse as _, Response},
    routing::get,
};
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

/// How Meta answers.
#[derive(Debug, Clone)]
pub enum Play {
    /// As it should.
    Well,
    /// With this status and nothing else.
    Status(u16),
    /// With this error of the Graph API.
    Error(i64, Option<i64>),
    /// With other bytes.
    Bytes(&'static [u8]),
    /// With half of the bytes, and then nothing for ever.
    Stalls,
    /// By sending on to there.
    To(String),
    /// As if it had so many bytes.
    Size(u64),
}

/// What is asked of Meta, and how it answers.
#[derive(Default)]
struct Told {
    file: Mutex<Vec<u8>>,
    lookups: Mutex<Plays>,
    downloads: Mutex<Plays>,
    looked_up: AtomicUsize,
    downloaded: AtomicUsize,
}

/// What comes first, and what comes then for ever.
#[derive(Default)]
struct Plays {
    first: VecDeque<Play>,
    then: Option<Play>,
}

impl Plays {
    fn next(&mut self) -> Play {
        self.first.pop_front().or(self.then.clone()).unwrap_or(Play::Well)
    }
}

/// Meta.
pub struct Meta {
    pub url: String,
    told: Arc<Told>,
}

impl Meta {
    /// Begins to listen, with this file.
    pub async fn start(file: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Told { file: Mutex::new(file.to_vec()), ..Told::default() });
        let state = (Arc::clone(&told), url.clone());
        let router = Router::new()
            .route("/v25.0/{id}", get(look_up))
            .route("/bytes/{id}", get(download))
            .with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, told }
    }

    /// Looking up goes so first, and then well.
    pub fn lookups_first(&self, plays: impl IntoIterator<Item = Play>) {
        self.told.lookups.lock().unwrap().first.extend(plays);
    }

    /// Looking up goes so from now on.
    pub fn lookups(&self, play: Play) {
        self.told.lookups.lock().unwrap().then = Some(play);
    }

    /// Downloading goes so first, and then well.
    pub fn downloads_first(&self, plays: impl IntoIterator<Item = Play>) {
        self.told.downloads.lock().unwrap().first.extend(plays);
    }

    /// Downloading goes so from now on.
    pub fn downloads(&self, play: Play) {
        self.told.downloads.lock().unwrap().then = Some(play);
    }

    /// How often it was looked up, and downloaded.
    pub fn asked(&self) -> [usize; 2] {
        [&self.told.looked_up, &self.told.downloaded].map(|count| count.load(Ordering::SeqCst))
    }
}

pub fn hex(bytes: &[u8]) -> String {
    core_service::hex::encode(&Sha256::digest(bytes))
}

type Shared = State<(Arc<Told>, String)>;

async fn look_up(State((told, url)): Shared, Path(id): Path<String>, head: HeaderMap) -> Response {
    assert_eq!(head[AUTHORIZATION], "Bearer token");
    told.looked_up.fetch_add(1, Ordering::SeqCst);
    let file = told.file.lock().unwrap().clone();
    let says = |size: u64, at: String| {
        let says = json!({"url": at, "mime_type": "image/jpeg", "sha256": hex(&file),
                          "file_size": size, "id": id, "messaging_product": "whatsapp"});
        axum::Json(says).into_response()
    };
    let (size, at) = (file.len() as u64, format!("{url}/bytes/{id}"));
    match told.lookups.lock().unwrap().next() {
        Play::Well | Play::Bytes(_) | Play::Stalls => says(size, at),
        Play::Size(size) => says(size, at),
        Play::To(at) => says(size, at),
        Play::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Play::Error(code, subcode) => {
            let error = json!({"error": {"code": code, "error_subcode": subcode, "message": "no"}});
            (StatusCode::BAD_REQUEST, axum::Json(error)).into_response()
        }
    }
}

async fn download(State((told, _)): Shared, head: HeaderMap) -> Response {
    assert_eq!(head[AUTHORIZATION], "Bearer token");
    told.downloaded.fetch_add(1, Ordering::SeqCst);
    let file = told.file.lock().unwrap().clone();
    match told.downloads.lock().unwrap().next() {
        Play::Well | Play::Error(..) | Play::Size(_) => file.into_response(),
        Play::Bytes(other) => other.into_response(),
        Play::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Play::To(place) => (StatusCode::FOUND, [("location", place)]).into_response(),
        Play::Stalls => {
            let half = Bytes::copy_from_slice(&file[..file.len() / 2]);
            let half = stream::iter([Ok::<_, Infallible>(half)]).chain(stream::pending());
            Body::from_stream(half).into_response()
        }
    }
}
