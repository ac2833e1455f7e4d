//! The core-service process: configure, build, announce, wait, drain; or one of its commands.

use std::{net::SocketAddr, process::ExitCode};

use core_service::{
    app, cli,
    clock::Clock,
    config::{Config, Order, Task},
    metrics, shutdown, telemetry,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Many threads make and free small rows and frames; the system allocator spends more on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    linkojob_tls::provide();
    match run().await {
        Ok(code) => code,
        Err(line) => {
            eprintln!("core-service: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode, String> {
    let Order { task, config } = Order::load().map_err(|error| error.to_string())?;
    telemetry::start(&config.log).map_err(|error| error.to_string())?;
    let stop = CancellationToken::new();
    shutdown::on_signal(stop.clone()).map_err(|error| error.to_string())?;
    match task {
        Task::Serve => serve(config, stop).await.map(|()| ExitCode::SUCCESS),
        Task::Reseal(mode) => cli::reseal::run(config, mode, stop).await,
        Task::Journal(task) => cli::journal::run(config, task, stop).await,
    }
}

async fn serve(config: Config, stop: CancellationToken) -> Result<(), String> {
    let (listener, address) = listen("CORE_LISTEN", config.listen.address).await?;
    let metrics = match config.metrics.address {
        Some(address) => Some(listen("CORE_METRICS_LISTEN", address).await?),
        None => None,
    };
    let app = app::App::build(config, Clock::default(), stop.clone()).await;
    let core = app.map_err(|error| error.to_string())?;
    if let Some((listener, address)) = metrics {
        tracing::info!(%address, "metrics are served on {address}");
        tokio::spawn(metrics::serve(core.core().metrics.clone(), listener, stop));
    }
    tracing::info!(%address, "the core serves on {address}");
    core.serve(listener).await.map_err(|error| error.to_string())
}

async fn listen(setting: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let refused = |error| format!("{setting}: cannot listen on {address}: {error}");
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    Ok((listener, bound))
}
