//! One core: its two connections and what is known of its health.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tonic::transport::{Channel, Endpoint};

use super::health::State;
use crate::config::{ConfigError, CoreUrl};

/// Short enough that a webhook can still be tried on another core within its deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(800);
/// A connection that is silent this long is probed, so that a dead peer is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Node {
    name: String,
    calls: Channel,
    streams: Channel,
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
    pub(super) fn new(url: &CoreUrl) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::from_shared(url.as_str().to_owned())
            .map_err(|error| ConfigError::invalid("CORE_URL", error.to_string()))?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .tcp_nodelay(true);
        Ok(Self {
            name: url.to_string(),
            calls: endpoint.connect_lazy(),
            streams: endpoint.connect_lazy(),
            state: watch::Sender::new(State::Away),
            doubt: Notify::new(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn calls(&self) -> Channel {
        self.calls.clone()
    }

    pub(super) fn streams(&self) -> Channel {
        self.streams.clone()
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
