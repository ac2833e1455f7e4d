//! Composition root: builds the gateway from its settings, serves, and drains.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use crate::config::ConfigError;
use crate::{
    api::messages::media::Places,
    config::Config,
    core::Core,
    gateway::{Gateway, Parts},
    identity::Gate,
    limits,
    realtime::Realtime,
    router,
};

/// Longest wait for requests and sockets to end once the stop came.
const DRAIN: Duration = Duration::from_secs(23);

/// A gateway that is ready to serve.
#[derive(Debug)]
pub struct App {
    gateway: Gateway,
    tasks: TaskTracker,
}

/// Why serving ended badly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The listener broke.
    #[error("cannot serve: {0}")]
    Serve(#[from] std::io::Error),
}

/// Builds a gateway. Its background tasks end with `stop`, and its sockets are spread out of the
/// door from then on. Must be called within a tokio runtime.
///
/// # Errors
/// With the setting that is wrong.
pub fn build(config: Config, stop: CancellationToken) -> Result<App, ConfigError> {
    // Whoever runs an edge inside of something else need not think of it.
    linkojob_tls::provide();
    let tasks = TaskTracker::new();
    let tls = config.tls.load(&config.core_url)?;
    let core = Core::new(&config.core_url, &config.service_token()?, tls.as_ref())?;
    let gateway = Gateway::new(Parts {
        gate: Gate::new(&config)?,
        app_secrets: config.app_secrets()?,
        verify_token: config.verify_token()?,
        webhook_places: Semaphore::new(limits::WEBHOOKS_AT_ONCE),
        download_places: Places::default(),
        realtime: Realtime::new(&config, core.clone(), tasks.clone(), stop.clone()),
        core,
    });
    gateway.core.watch(&tasks, &stop);
    Ok(App { gateway, tasks })
}

impl App {
    /// Every route, for any server that gives each request a `ConnectInfo<SocketAddr>`.
    pub fn router(&self) -> Router {
        router::build(self.gateway.clone())
    }

    /// Serves until `stop`, then drains: no new connection, requests finish, sockets are closed spread
    /// over up to 20 s.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        self.serve_router(self.router(), listener, stop).await
    }

    /// As [`App::serve`], with [`App::router`] inside of something else.
    ///
    /// # Errors
    /// As [`App::serve`].
    pub async fn serve_router(
        &self,
        router: Router,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), Error> {
        let address = listener.local_addr()?;
        tracing::info!(%address, "the edge serves on {address}");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let told = stop.clone();
        // Frames are small and must not wait for each other.
        let listener = listener.tap_io(|io| {
            if let Err(error) = io.set_nodelay(true) {
                tracing::debug!("a connection cannot be told not to delay: {error}");
            }
        });
        let serve = axum::serve(listener, service).with_graceful_shutdown(told.cancelled_owned());
        let mut serve = std::pin::pin!(serve.into_future());
        tokio::select! {
            ended = &mut serve => return Ok(ended?),
            () = stop.cancelled() => {}
        }
        let (served, ()) = tokio::join!(timeout(DRAIN, serve), self.drain());
        if let Ok(ended) = served {
            return Ok(ended?);
        }
        tracing::warn!("requests did not end in time; leaving");
        Ok(())
    }

    /// Waits, after the stop, until sockets and background tasks have ended; at most 23 s.
    pub async fn drain(&self) {
        self.tasks.close();
        if timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "the drain took too long; leaving");
        }
    }
}

/// Builds and serves until `stop`, then drains.
///
/// # Errors
/// When a setting is wrong or the listener breaks.
pub async fn run(
    config: Config,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), Error> {
    build(config, stop.clone())?.serve(listener, stop).await
}
