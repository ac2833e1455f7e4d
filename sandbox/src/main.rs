//! `cargo run`: the whole service and the world around it, in one process, on loopback.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use core_service::{
    config::{Log, LogFormat},
    shutdown, telemetry,
};
use sandbox::{
    bench, parts,
    stack::{Stack, StackConfig},
};
use tokio_util::sync::CancellationToken;

/// Many threads make and free small rows and frames; the system allocator spends more on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Everything that the service needs, in one process: a simulated Meta with candidates' phones, the
/// core on its embedded store, the edge, and a page to try it.
#[derive(Debug, Parser)]
#[command(name = "sandbox", version)]
struct Cli {
    /// Folder that keeps the state between runs.
    #[arg(long, default_value = "./data/sandbox")]
    data: PathBuf,
    /// Keep nothing.
    #[arg(long)]
    ephemeral: bool,
    /// Port of the page; 0 takes a free one.
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Port of the edge itself; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    edge_port: u16,
    /// Port of the core; 0 takes a free one.
    #[arg(long, default_value_t = 50051)]
    core_port: u16,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Measure throughput, latency and cost.
    Bench(Box<bench::Options>),
    /// A core by itself, configured by the environment.
    #[command(hide = true)]
    Core,
    /// An edge by itself, configured by the environment.
    #[command(hide = true)]
    Edge,
    /// A simulated Meta by itself.
    #[command(hide = true)]
    Meta,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            eprintln!("sandbox: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), String> {
    let log = Log { format: LogFormat::Text, filter: filter() };
    telemetry::start(&log).map_err(|error| error.to_string())?;
    let stop = CancellationToken::new();
    shutdown::on_signal(stop.clone()).map_err(|error| error.to_string())?;
    match cli.part {
        Some(Part::Bench(options)) => {
            bench::run(*options, stop).await.map_err(|error| error.to_string())
        }
        Some(Part::Core) => parts::core(stop).await,
        Some(Part::Edge) => parts::edge(stop).await,
        Some(Part::Meta) => parts::meta(stop).await,
        None => whole(cli, stop).await,
    }
}

/// What is logged: by default what a person at the page wants to see.
fn filter() -> String {
    std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned())
}

/// Runs everything until it is asked to end.
async fn whole(cli: Cli, stop: CancellationToken) -> Result<(), String> {
    let Cli { data, ephemeral, port, edge_port, core_port, part: _ } = cli;
    let temporary = ephemeral.then(tempfile::tempdir).transpose().map_err(|e| e.to_string())?;
    let data = temporary.as_ref().map_or(data, |folder| folder.path().to_owned());
    let mut config = StackConfig::usual(data);
    config.front.set_port(port);
    config.edge.set_port(edge_port);
    config.core.set_port(core_port);
    let kept = if ephemeral { "nothing".to_owned() } else { config.data.display().to_string() };
    let stack = Stack::start(config, stop).await.map_err(|error| error.to_string())?;
    welcome(&stack, &kept);
    stack.wait().await.map_err(|error| error.to_string())
}

#[expect(clippy::print_stdout, reason = "the addresses are what the command is asked for")]
fn welcome(stack: &Stack, kept: &str) {
    let Stack { front, edge, core, .. } = stack;
    println!(
        "\n  page           http://{front}/\n  \
           REST           http://{front}/api       (identity injected; ?as=<email> chooses who)\n  \
           API documents  http://{front}/api-docs\n  \
           simulated Meta http://{front}/graph\n  \
           phones         http://{front}/phone\n  \
           edge itself    http://{edge}\n  \
           core (gRPC)    http://{core}\n  \
           keeps          {kept}\n\n  \
           Ctrl-C ends it.\n"
    );
}
