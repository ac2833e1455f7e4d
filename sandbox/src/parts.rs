//! The parts by themselves: how each is configured, and the hidden subcommands `core`, `edge` and `meta`
//! that run one of them as a process of its own, for tests that kill and restart real processes.
//!
//! Invariant: a part prints `listening <address>` once it listens, and ends with SIGTERM.

use std::{net::SocketAddr, path::Path};

use core_service::{app, clock::Clock, config::Config as CoreConfig};
use edge_gateway::config::Config as EdgeConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    meta::{self, World, WorldConfig},
    processes::READY,
    secrets::{APP_ID, APP_SECRET, REDIRECT_URI, Secrets, VERIFY_TOKEN},
    stack::StackError,
};

/// How a core of the sandbox is configured: its store in `folder`, Meta at the sandbox's own address.
///
/// # Errors
/// When the secrets cannot be used.
pub fn core_config(
    folder: &Path,
    secrets: &Secrets,
    front: SocketAddr,
) -> Result<CoreConfig, StackError> {
    let args = [
        "core-service".to_owned(),
        // Whatever the environment says: the sandbox needs no other software.
        "--store=embedded".to_owned(),
        format!("--embedded-path={}", folder.display()),
        format!("--media-store=file:{}", folder.join("media").display()),
        format!("--token-keys={}", secrets.token_keys),
        format!("--core-service-tokens=edge:{}:edge", secrets.service_token),
        format!("--meta-graph-url=http://{front}/graph"),
        format!("--meta-app-id={APP_ID}"),
        format!("--meta-app-secrets={APP_SECRET}"),
        format!("--meta-dialog-url=http://{front}/graph"),
        format!("--oauth-redirect-uri={}", redirect_uri(front)),
        format!("--oauth-return-url=http://{front}/"),
    ];
    CoreConfig::from_args(args).map_err(|error| StackError::Settings(error.to_string()))
}

/// Where the simulated Meta sends people back to.
pub fn redirect_uri(front: SocketAddr) -> String {
    format!("http://{front}/api/auth/whatsapp/callback")
}

/// How an edge of the sandbox is configured.
///
/// # Errors
/// When the secrets cannot be used.
pub fn edge_config(secrets: &Secrets, core: SocketAddr) -> Result<EdgeConfig, StackError> {
    let core_url = format!("http://{core}");
    Ok(EdgeConfig {
        core_url: core_url.parse().map_err(StackError::Settings)?,
        core_service_token: Some(secrets.service_token.as_str().into()),
        meta_app_secrets: Some(APP_SECRET.into()),
        meta_verify_token: Some(VERIFY_TOKEN.into()),
        ..EdgeConfig::default()
    })
}

/// Says where a part listens, to whoever started it.
#[expect(clippy::print_stdout, reason = "this line is the interface to whoever started the part")]
fn announce(address: SocketAddr) {
    println!("{READY}{address}");
}

/// Runs a core on any store, configured by the environment as `core-service` is. `SANDBOX_CLOCK` names a simulated
/// Meta's clock to follow, `SANDBOX_STATS_LISTEN` an address to serve counters on.
///
/// # Errors
/// With one line that says what is wrong.
pub async fn core(stop: CancellationToken) -> Result<(), String> {
    let config = CoreConfig::from_args(["core-service"]).map_err(|e| e.to_string())?;
    let listener =
        TcpListener::bind(config.listen.address).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let metrics = config.metrics;
    let clock = Clock::default();
    if let Ok(url) = std::env::var("SANDBOX_CLOCK") {
        follow::join(&url, clock.clone(), stop.clone()).await?;
    }
    let app =
        app::App::build(config, clock, stop.clone()).await.map_err(|error| error.to_string())?;
    if let Ok(address) = std::env::var("SANDBOX_STATS_LISTEN") {
        stats::serve(&address, app.syncs(), stop.clone()).await?;
    }
    if let Some(address) = metrics.address {
        numbers(address, &app, stop).await?;
    }
    announce(address);
    app.serve(listener).await.map_err(|error| error.to_string())
}

/// Serves a core's metrics until `stop`; prints `metrics <address>`.
#[expect(clippy::print_stdout, reason = "this line is the interface to whoever started the part")]
async fn numbers(
    address: SocketAddr,
    app: &app::App,
    stop: CancellationToken,
) -> Result<(), String> {
    let refused = |error: std::io::Error| format!("CORE_METRICS_LISTEN: {error}");
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    println!("metrics {}", listener.local_addr().map_err(refused)?);
    tokio::spawn(core_service::metrics::serve(app.core().metrics.clone(), listener, stop));
    Ok(())
}

/// Runs an edge, configured by the environment as `edge-gateway` is.
///
/// # Errors
/// With one line that says what is wrong.
pub async fn edge(stop: CancellationToken) -> Result<(), String> {
    let config = EdgeConfig::from_args(["edge-gateway"]).map_err(|e| e.to_string())?;
    let listener =
        TcpListener::bind(config.edge_listen).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = edge_gateway::app::build(config, stop.clone()).map_err(|error| error.to_string())?;
    announce(address);
    app.serve(listener, stop).await.map_err(|error| error.to_string())
}

/// Runs a simulated Meta with its phones, on `SANDBOX_META_LISTEN`.
///
/// # Errors
/// With one line that says what is wrong.
pub async fn meta(stop: CancellationToken) -> Result<(), String> {
    let listen = std::env::var("SANDBOX_META_LISTEN").unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(&listen).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let world = World::new(WorldConfig {
        app_id: APP_ID.to_owned(),
        app_secret: APP_SECRET.to_owned(),
        app: meta::oauth::App {
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            ..meta::oauth::App::default()
        },
        ..WorldConfig::default()
    })
    .map_err(|error| error.to_string())?;
    let tasks = world.start(stop.clone());
    let router = axum::Router::new()
        .nest("/graph", meta::graph_router(world.clone()))
        .nest("/phone", meta::phone_router(world));
    announce(address);
    meta::listener::serve(listener, router, stop).await.map_err(|error| error.to_string())?;
    tasks.wait().await;
    Ok(())
}

mod follow {
    //! Following a simulated Meta's clock from another process.

    use std::time::Duration;

    use core_service::clock::Clock;
    use serde::Deserialize;
    use tokio_util::sync::CancellationToken;

    /// Longer than the simulated Meta holds a poll.
    const POLL: Duration = Duration::from_secs(40);

    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "offsetMs")]
        offset_ms: i64,
    }

    async fn ask(http: &reqwest::Client, url: &str, after: Option<i64>) -> Result<i64, String> {
        let after = after.map(|offset| format!("?after={offset}")).unwrap_or_default();
        let answer = http.get(format!("{url}{after}")).send().await.map_err(|e| e.to_string())?;
        let answer: Answer = answer.json().await.map_err(|error| error.to_string())?;
        Ok(answer.offset_ms)
    }

    /// Sets the clock, then keeps it in step until `stop`.
    pub(super) async fn join(
        url: &str,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<(), String> {
        let http = reqwest::Client::builder().timeout(POLL).build().map_err(|e| e.to_string())?;
        let first = ask(&http, url, None).await.map_err(|e| format!("SANDBOX_CLOCK: {e}"))?;
        clock.set_offset_millis(first);
        let url = url.to_owned();
        tokio::spawn(async move {
            loop {
                let next = ask(&http, &url, Some(clock.offset_millis()));
                tokio::select! {
                    () = stop.cancelled() => return,
                    answer = next => match answer {
                        Ok(offset) => clock.set_offset_millis(offset),
                        // The simulated Meta is away; ask again soon.
                        Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
                    },
                }
            }
        });
        Ok(())
    }
}

mod stats {
    //! Counters of a core that no public interface shows.

    use axum::{Json, Router, routing::get};
    use serde_json::json;
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    /// Serves `GET /stats` until `stop`; prints `stats <address>`.
    #[expect(
        clippy::print_stdout,
        reason = "this line is the interface to whoever started the part"
    )]
    pub(super) async fn serve(
        address: &str,
        syncs: impl Fn() -> u64 + Send + Sync + Clone + 'static,
        stop: CancellationToken,
    ) -> Result<(), String> {
        let refused = |error: std::io::Error| format!("SANDBOX_STATS_LISTEN: {error}");
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        println!("stats {}", listener.local_addr().map_err(refused)?);
        let router =
            Router::new().route("/stats", get(async move || Json(json!({ "syncs": syncs() }))));
        tokio::spawn(async move {
            let _ =
                axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
        });
        Ok(())
    }
}
