//! One core: its three connections and what is known of its health.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use super::health::State;
use crate::{
    config::{ConfigError, CoreUrl, Tls},
    limits::DOWNLOADS_AT_ONCE,
};

/// Short enough that a webhook can still be tried on another core within its deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(800);
/// As long again for agreeing on TLS, which is one more way there and back.
const HANDSHAKE_TIMEOUT: Duration = CONNECT_TIMEOUT;
/// A connection that is silent this long is probed, so that a dead peer is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// What one download may have on its way: a chunk and a half.
const FILE_WINDOW: u32 = 384 * 1024;
/// What all of them may have, so that those who do not read keep nobody waiting.
const FILE_WINDOWS: u32 = FILE_WINDOW * DOWNLOADS_AT_ONCE as u32;

#[derive(Debug)]
pub(super) struct Node {
    name: String,
    secure: bool,
    calls: Channel,
    streams: Channel,
    files: Channel,
    state: watch::Sender<State>,
    doubt: Notify,
}

/// Tells when a core that was there no longer is.
#[derive(Debug)]
pub(super) struct Leaving(watch::Receiver<State>);

impl Leaving {
    /// Waits until it is away; for ever, as long as it is merely still away. Safe to cancel.
    pub(super) async fn gone(&mut self) {
        loop {
            if self.0.changed().await.is_err() {
                return std::future::pending().await;
            }
            if *self.0.borrow_and_update() == State::Away {
                return;
            }
        }
    }
}

impl Node {
    pub(super) fn new(url: &CoreUrl, tls: Option<&Tls>) -> Result<Self, ConfigError> {
        let mut endpoint = Endpoint::from_shared(url.as_str().to_owned())
            .map_err(|error| ConfigError::invalid("CORE_URL", error.to_string()))?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .tcp_nodelay(true);
        if let Some(tls) = tls.filter(|_| url.is_secure()) {
            endpoint = endpoint.tls_config(client(tls)).map_err(|error| {
                let why = std::error::Error::source(&error).map(ToString::to_string);
                let why = why.unwrap_or_else(|| error.to_string());
                ConfigError::invalid("CORE_URL", format!("{url} cannot be spoken to by TLS: {why}"))
            })?;
        }
        let files = endpoint
            .clone()
            .initial_stream_window_size(FILE_WINDOW)
            .initial_connection_window_size(FILE_WINDOWS);
        Ok(Self {
            name: url.to_string(),
            secure: url.is_secure(),
            calls: endpoint.connect_lazy(),
            streams: endpoint.connect_lazy(),
            files: files.connect_lazy(),
            state: watch::Sender::new(State::Away),
            doubt: Notify::new(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// True when it is spoken to by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    pub(super) fn calls(&self) -> Channel {
        self.calls.clone()
    }

    pub(super) fn streams(&self) -> Channel {
        self.streams.clone()
    }

    pub(super) fn files(&self) -> Channel {
        self.files.clone()
    }

    pub(super) fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Begins to listen for its leaving.
    pub(super) fn leaving(&self) -> Leaving {
        Leaving(self.state.subscribe())
    }

    /// Somebody waits for an answer: the core shall be asked whether it is there.
    pub(super) fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// Waits until somebody doubts that the core is there.
    pub(super) async fn doubted(&self) {
        self.doubt.notified().await;
    }

    /// Records a change and logs it once.
    pub(super) fn set_state(&self, state: State) {
        let changed = self.state.send_if_modified(|known| {
            let changed = *known != state;
            *known = state;
            changed
        });
        if changed {
            tracing::info!(core.url = %self.name, core.state = state.as_str(), "a core's health changed");
        }
    }
}

fn client(tls: &Tls) -> ClientTlsConfig {
    let Tls { cores, identity } = tls;
    let config =
        ClientTlsConfig::new().ca_certificate(cores.to_transport()).timeout(HANDSHAKE_TIMEOUT);
    match identity {
        Some(identity) => config.identity(identity.to_transport()),
        None => config,
    }
}
