//! The edge's process: configure, listen, announce, serve, drain.

use std::process::ExitCode;

use edge_gateway::{Config, app, config::ConfigError, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Many threads make and free small rows and frames; the system allocator spends more on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    linkojob_tls::provide();
    let config = match Config::from_process() {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = telemetry::init(config.log_format, &config.log_filter) {
        return refuse(&error);
    }
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(error.as_ref()),
    }
}

fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = config.edge_listen;
        let listener = TcpListener::bind(address).await.map_err(|error| {
            ConfigError::invalid("EDGE_LISTEN", format!("cannot listen on {address}: {error}"))
        })?;
        let stop = CancellationToken::new();
        tokio::spawn(telemetry::stop_on_signal(stop.clone()));
        Ok(app::run(config, listener, stop).await?)
    })
}

/// Says in one line why the process does not start.
fn refuse(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("edge-gateway: {error}");
    ExitCode::from(2)
}
