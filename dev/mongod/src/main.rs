//! `dev-mongod replica-set`: a replica set for a run of tests, or to try something by hand.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use dev_mongod::{Error, Nodes, Options, ReplicaSet};
use tokio::{
    io::{AsyncReadExt, stdin},
    signal::unix::{SignalKind, signal},
};

/// Real mongod processes for tests.
#[derive(Debug, Parser)]
#[command(name = "dev-mongod", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a replica set, print its connection string, and run until Ctrl-C. Nothing is kept.
    ReplicaSet {
        /// How many nodes: 1 or 3.
        #[arg(default_value = "1")]
        nodes: Nodes,
        /// End when standard input does: with whoever holds the other end, even if that is killed.
        #[arg(long)]
        until_stdin_ends: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command: Command::ReplicaSet { nodes, until_stdin_ends } } = Cli::parse();
    match run(nodes, until_stdin_ends).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dev-mongod: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(nodes: Nodes, until_stdin_ends: bool) -> Result<(), Error> {
    let system = |source| Error::System { what: "listening for signals", source };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let set = tokio::select! {
        set = ReplicaSet::start(Options { nodes, ..Options::one() }) => set?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    announce(&set);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_ended(), if until_stdin_ends => {}
    }
    drop(set);
    // Not by returning: the runtime would wait for the read from standard input.
    std::process::exit(0)
}

#[expect(clippy::print_stdout, reason = "the address is what the command is asked for")]
fn announce(set: &ReplicaSet) {
    println!("{}", set.uri());
}

async fn stdin_ended() {
    let mut ignored = [0; 256];
    let mut stdin = stdin();
    while !matches!(stdin.read(&mut ignored).await, Ok(0) | Err(_)) {}
}
