//! The core-service process: configure, build, announce, wait, drain; or one of its commands.

use std::process::ExitCode;

use core_service::{
    app, cli,
    clock::Clock,
    config::{Config, Order, Task},
    shutdown, telemetry,
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
    }
}

async fn serve(config: Config, stop: CancellationToken) -> Result<(), String> {
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
