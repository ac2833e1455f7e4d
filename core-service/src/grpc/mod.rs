//! The core's one transport: thin services over the flows.
//!
//! A call passes the gate ([`auth`], with the table in `permissions`), is parsed (`parse`), runs a flow,
//! and is converted back (`convert`); errors leave through `status` alone.
//!
//! Invariant: no other module of the core names tonic or the generated types; nothing is decided here
//! but who may ask.

mod api;
pub mod auth;
mod client;
mod conversation;
mod convert;
mod deadline;
mod event;
mod health;
mod media;
mod message;
mod onboarding;
mod parse;
mod permissions;
mod presence;
mod status;
mod subscribe;
mod template;
mod tls;
mod webhook;

use std::{sync::Arc, time::Duration};

use linkojob_proto::{
    DESCRIPTORS,
    v1::{
        client_service_server::ClientServiceServer,
        conversation_service_server::ConversationServiceServer,
        event_service_server::EventServiceServer, media_service_server::MediaServiceServer,
        message_service_server::MessageServiceServer,
        onboarding_service_server::OnboardingServiceServer,
        presence_service_server::PresenceServiceServer,
        template_service_server::TemplateServiceServer,
        webhook_service_server::WebhookServiceServer,
    },
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};

pub use self::tls::Tls;
use self::{
    api::Api,
    auth::{Gate, ServiceTokens},
    health::Health,
};
use crate::flows::Core;

/// The largest message in either direction: a webhook of 4 MiB and its frame fit.
const MESSAGE: usize = 8 * 1024 * 1024;
/// Calls of one connection that run at a time; more are turned away rather than queued.
const CALLS: usize = 1024;
/// Streams of one connection: an edge has one for each owner that it follows.
const STREAMS: u32 = 16_384;
/// How often a silent connection is asked whether it still lives, and how long it may take to say so.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// How long calls that have begun may take once the core drains. A send waits 10 s for Meta.
const DRAIN: Duration = Duration::from_secs(12);
/// How long flows may take after that whose callers are gone.
const SETTLE: Duration = Duration::from_secs(5);

/// What serving needs beside the core.
#[derive(Debug)]
pub struct Settings {
    /// Who may call.
    pub tokens: ServiceTokens,
    /// Whether the API describes itself to whoever holds a token.
    pub reflection: bool,
    /// The certificate to serve with; none: plain text.
    pub tls: Option<Tls>,
}

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The transport broke.
    #[error("the gRPC server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The transport does not take the certificates that were tried before.
    #[error("what CORE_TLS_CERT, CORE_TLS_KEY and CORE_TLS_CLIENT_CA name cannot be served with")]
    Tls(#[source] tonic::transport::Error),
    /// The descriptors do not decode; the build is broken.
    #[error("reflection cannot be served: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves until `stop`, then drains: new calls are refused, streams end, calls that have begun are
/// answered, and what they started is finished.
///
/// # Errors
/// [`ServeError`] when it cannot start or the transport breaks.
pub async fn serve(
    core: Arc<Core>,
    settings: Settings,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let Settings { tokens, reflection, tls } = settings;
    let tasks = TaskTracker::new();
    let health = Health::starting().await;
    tasks.spawn(health.clone().follow(Arc::clone(&core), stop.clone()));
    let api = Arc::new(Api { core, tasks: tasks.clone(), stop: stop.clone() });
    let mut routes = routes(api).add_service(health.server(stop.clone()));
    if reflection {
        routes = routes.add_service(
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .build_v1()?,
        );
    }
    let mut server = Server::builder();
    if let Some(tls) = tls {
        server = server.tls_config(tls.config()).map_err(ServeError::Tls)?;
    }
    let server = server
        .concurrency_limit_per_connection(CALLS)
        .load_shed(true)
        .max_concurrent_streams(STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .layer(Gate::new(tokens))
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.clone().cancelled_owned(),
        );
    let over = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = server => outcome?,
        () = over => tracing::warn!("the core stops with calls that have not been answered"),
    }
    tasks.close();
    if tokio::time::timeout(SETTLE, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "the core stops with flows that have not ended");
    }
    Ok(())
}

/// Every service of the API.
fn routes(api: Arc<Api>) -> Routes {
    macro_rules! with_limits {
        ($server:ident) => {
            $server::from_arc(Arc::clone(&api))
                .max_decoding_message_size(MESSAGE)
                .max_encoding_message_size(MESSAGE)
        };
    }
    Routes::new(with_limits!(ClientServiceServer))
        .add_service(with_limits!(OnboardingServiceServer))
        .add_service(with_limits!(TemplateServiceServer))
        .add_service(with_limits!(MessageServiceServer))
        .add_service(with_limits!(MediaServiceServer))
        .add_service(with_limits!(ConversationServiceServer))
        .add_service(with_limits!(WebhookServiceServer))
        .add_service(with_limits!(EventServiceServer))
        .add_service(with_limits!(PresenceServiceServer))
}

#[cfg(test)]
mod serve_tests;
