//! The core-service process: configure, build, announce, wait, drain.

use std::process::ExitCode;

use core_service::{app, clock::Clock, config::Config, shutdown, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Many threads make and free small rows and frames; the system allocator spends more on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            eprintln!("core-service: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let config = Config::load().map_err(|error| error.to_string())?;
    telemetry::start(&config.log).map_err(|error| error.to_string())?;
    let stop = CancellationToken::new();
    shutdown::on_signal(stop.clone()).map_err(|error| error.to_string())?;
    let address = config.listen.address;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("CORE_LISTEN: cannot listen on {address}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let core =
        app::App::build(config, Clock::default(), stop).await.map_err(|error| error.to_string())?;
    tracing::info!(%address, "the core serves on {address}");
    core.serve(listener).await.map_err(|error| error.to_string())
}
