//! A core with canned answers: it remembers every call, fails when told, and keeps a real log.

mod log;
pub mod media;
mod onboarding;
pub mod samples;
mod services;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use linkojob_proto::v1 as pb;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::watch,
};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status,
    metadata::MetadataMap,
    transport::{Server, ServerTlsConfig, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};

use self::services::Service;
use crate::harness::PATIENCE;

/// One call that the core saw.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: &'static str,
    pub email: Option<String>,
    pub role: Option<String>,
    pub request_id: Option<String>,
    pub token: Option<String>,
    /// The request, as `Debug` shows it.
    pub request: String,
}

/// What the fake knows and is told.
#[derive(Debug)]
pub struct State {
    pub seen: Mutex<Vec<Seen>>,
    pub failure: Mutex<Option<Status>>,
    pub delay: Mutex<Duration>,
    pub message_status: Mutex<pb::MessageStatus>,
    pub replayed: Mutex<bool>,
    pub onboarding: Mutex<onboarding::Play>,
    pub file: Mutex<media::File>,
    pub log: Arc<Mutex<log::Log>>,
    pub news: watch::Sender<u64>,
    pub beats: watch::Sender<u64>,
    pub signals: tokio::sync::broadcast::Sender<pb::Signal>,
    /// How many streams have said where they start.
    pub opened: watch::Sender<usize>,
    /// Ends the streams that are open now.
    pub streams: Mutex<CancellationToken>,
    /// How many connections have been made, whatever became of them.
    pub connections: watch::Sender<usize>,
}

impl State {
    fn new(
        log: Arc<Mutex<log::Log>>,
        news: watch::Sender<u64>,
        signals: tokio::sync::broadcast::Sender<pb::Signal>,
    ) -> Self {
        Self {
            seen: Mutex::default(),
            failure: Mutex::default(),
            delay: Mutex::default(),
            message_status: Mutex::new(pb::MessageStatus::Accepted),
            replayed: Mutex::default(),
            onboarding: Mutex::default(),
            file: Mutex::default(),
            log,
            news,
            beats: watch::Sender::new(0),
            signals,
            opened: watch::Sender::new(0),
            streams: Mutex::default(),
            connections: watch::Sender::new(0),
        }
    }

    fn record<T: std::fmt::Debug>(&self, method: &'static str, request: &Request<T>) {
        let text = |metadata: &MetadataMap, name: &str| {
            metadata.get(name).map(|value| value.to_str().expect("ascii").to_owned())
        };
        let metadata = request.metadata();
        self.seen.lock().expect("lock").push(Seen {
            method,
            email: text(metadata, "x-actor-email"),
            role: text(metadata, "x-actor-role"),
            request_id: text(metadata, "x-request-id"),
            token: text(metadata, "authorization"),
            request: format!("{:?}", request.get_ref()),
        });
    }

    async fn obey(&self) -> Result<(), Status> {
        let delay = *self.delay.lock().expect("lock");
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        self.failure.lock().expect("lock").clone().map_or(Ok(()), Err)
    }
}

/// A fake that stands still.
#[derive(Debug)]
pub struct Halted {
    _release: std::sync::mpsc::Sender<()>,
}

/// A running fake.
#[derive(Clone, Debug)]
pub struct FakeCore {
    pub state: Arc<State>,
    pub address: SocketAddr,
    health: HealthReporter,
    host: Arc<Host>,
    tls: Option<ServerTlsConfig>,
}

/// A runtime of its own, so that stopping it ends every connection at once, as a killed process
/// would.
#[derive(Debug)]
struct Host(Mutex<Option<Runtime>>);

impl Host {
    fn stop(&self) {
        if let Some(runtime) = self.0.lock().expect("lock").take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

impl FakeCore {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// One that speaks TLS, or plain text.
    pub async fn start_with(tls: Option<ServerTlsConfig>) -> Self {
        let (news, signals) = (watch::Sender::new(0), tokio::sync::broadcast::channel(64).0);
        Self::start_on(Arc::default(), news, signals, tls).await
    }

    /// Another core on the same store: the two have one log.
    pub async fn another(&self) -> Self {
        let State { log, news, signals, .. } = &*self.state;
        Self::start_on(Arc::clone(log), news.clone(), signals.clone(), self.tls.clone()).await
    }

    async fn start_on(
        log: Arc<Mutex<log::Log>>,
        news: watch::Sender<u64>,
        signals: tokio::sync::broadcast::Sender<pb::Signal>,
        tls: Option<ServerTlsConfig>,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(State::new(log, news, signals));
        let service = Service(Arc::clone(&state));
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter.set_service_status("", ServingStatus::Serving).await;
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
        let (counted, protected) = (Arc::clone(&state), tls.clone());
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("listener");
            let incoming = TcpIncoming::from(listener).map(move |connection| {
                counted.connections.send_modify(|count| *count += 1);
                connection
            });
            let mut server = Server::builder();
            if let Some(tls) = protected {
                server = server.tls_config(tls).expect("certificates");
            }
            let server = server
                .add_service(health)
                .add_service(pb::client_service_server::ClientServiceServer::new(service.clone()))
                .add_service(pb::onboarding_service_server::OnboardingServiceServer::new(
                    service.clone(),
                ))
                .add_service(pb::message_service_server::MessageServiceServer::new(service.clone()))
                .add_service(pb::media_service_server::MediaServiceServer::new(service.clone()))
                .add_service(pb::conversation_service_server::ConversationServiceServer::new(
                    service.clone(),
                ))
                .add_service(pb::template_service_server::TemplateServiceServer::new(
                    service.clone(),
                ))
                .add_service(pb::event_service_server::EventServiceServer::new(service.clone()))
                .add_service(pb::presence_service_server::PresenceServiceServer::new(
                    service.clone(),
                ))
                .add_service(
                    pb::webhook_service_server::WebhookServiceServer::new(service)
                        .max_decoding_message_size(8 * 1024 * 1024),
                )
                .serve_with_incoming(incoming);
            server.await.expect("fake core");
        });
        let host = Arc::new(Host(Mutex::new(Some(runtime))));
        Self { state, address, health: reporter, host, tls }
    }

    /// Ends it as a killed process ends.
    pub fn stop(&self) {
        self.host.stop();
    }

    /// Halts it as SIGSTOP halts a process, until the answer is dropped: connections stay, and are
    /// taken by the system, but nothing is read or answered.
    pub fn halt(&self) -> Halted {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (tell, halted) = std::sync::mpsc::channel();
        if let Some(runtime) = &*self.host.0.lock().expect("lock") {
            runtime.spawn(async move {
                tell.send(()).expect("somebody waits");
                // The only thread of the runtime: nothing else runs while it waits here.
                let _released = held.recv();
            });
        }
        halted.recv().expect("it halts");
        Halted { _release: release }
    }

    /// Tells whether it serves.
    pub async fn serves(&self, serves: bool) {
        let status = if serves { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.health.set_service_status("", status).await;
    }

    /// Waits until so many streams have been opened.
    pub async fn until_streams(&self, count: usize) {
        let mut opened = self.state.opened.subscribe();
        let waited = tokio::time::timeout(PATIENCE, opened.wait_for(|opened| *opened >= count));
        waited.await.expect("the streams are opened in time").expect("the fake lives");
    }

    /// Waits until so many connections have been made.
    pub async fn until_connections(&self, count: usize) {
        let mut made = self.state.connections.subscribe();
        let waited = tokio::time::timeout(PATIENCE, made.wait_for(|made| *made >= count));
        waited.await.expect("connections are made in time").expect("the fake lives");
    }

    /// Says on every stream that nothing happens.
    pub fn beat(&self) {
        self.state.beats.send_modify(|beat| *beat += 1);
    }

    /// Every later call fails so.
    pub fn fail(&self, status: Status) {
        *self.state.failure.lock().expect("lock") = Some(status);
    }

    pub fn recover(&self) {
        *self.state.failure.lock().expect("lock") = None;
    }

    /// The calls of one method.
    pub fn calls(&self, method: &str) -> Vec<Seen> {
        let seen = self.state.seen.lock().expect("lock");
        seen.iter().filter(|seen| seen.method == method).cloned().collect()
    }

    /// Appends an event of about this size and returns its cursor.
    pub fn happen(&self, size: usize) -> String {
        let cursor = self.state.log.lock().expect("lock").append(size);
        self.state.news.send_modify(|version| *version += 1);
        cursor
    }

    /// Forgets all events so far.
    pub fn trim(&self) {
        self.state.log.lock().expect("lock").trim();
    }

    /// Breaks all streams that are open.
    pub fn break_streams(&self) {
        let mut streams = self.state.streams.lock().expect("lock");
        std::mem::take(&mut *streams).cancel();
    }
}
