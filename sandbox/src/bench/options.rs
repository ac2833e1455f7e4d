//! The flags of `sandbox bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

use super::loopback::Loopback;

/// Which runs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// Signed webhooks, one inbound text each.
    Webhooks,
    /// Text sends, with simulated statuses off and then on.
    Sends,
    /// Both.
    All,
}

/// Measures signed webhooks and text sends in a closed loop.
///
/// Without --target it starts a simulated Meta, a core on the embedded store and an edge as separate
/// processes in a temporary folder, and stops them afterwards.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Which runs are made
    #[arg(value_enum, default_value = "all")]
    pub which: Which,

    /// Clients, each with one request under way; the edge takes at most 128 webhooks at once
    #[arg(long, default_value_t = 64, value_parser = value_parser!(u32).range(1..=1024))]
    pub connections: u32,

    /// Length of each measured load
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Length of the load before it, which does not count
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u64).range(0..=60))]
    pub warmup: u64,

    /// Open conversations, dealt out evenly over the business numbers
    #[arg(long, default_value_t = 5_000, value_parser = value_parser!(u32).range(1..=50_000))]
    pub conversations: u32,

    /// Business numbers, each of an owner of its own
    ///
    /// Meta's limits are on: a number sends 80 messages a second, a candidate gets 45 at once and then
    /// one in 6 seconds. With the defaults that is 5,120 sends a second, and 225,000 in a burst.
    #[arg(long, default_value_t = 64, value_parser = value_parser!(u32).range(1..=1_000))]
    pub accounts: u32,

    /// Where the temporary folder is made; on a disk, for syncs in memory cost nothing
    #[arg(long, value_name = "DIR", conflicts_with = "target")]
    pub folder: Option<PathBuf>,

    /// An edge that runs already, such as http://127.0.0.1:8080; loopback only
    ///
    /// Nobody else may send through it meanwhile: every message is counted.
    #[arg(long, value_name = "URL", requires = "graph")]
    pub target: Option<Loopback>,

    /// The simulated Meta of that edge, such as http://127.0.0.1:8000/graph; loopback only
    #[arg(long, value_name = "URL", requires = "target")]
    pub graph: Option<Loopback>,

    /// The process of that edge's core, to meter it
    #[arg(long, value_name = "PID", requires = "target")]
    pub core_pid: Option<u32>,

    /// The process of that edge, to meter it
    #[arg(long, value_name = "PID", requires = "target")]
    pub edge_pid: Option<u32>,

    /// Where that core tells how often its store synced, such as http://127.0.0.1:4321/stats
    #[arg(long, value_name = "URL", requires = "target")]
    pub stats: Option<Loopback>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn read(line: &[&str]) -> Result<Options, clap::Error> {
        let line = std::iter::once(&"bench").chain(line);
        Line::try_parse_from(line).map(|line| line.options)
    }

    #[test]
    fn the_defaults_are_the_documented_run() {
        let options = read(&[]).expect("no flag is needed");
        assert_eq!(options.which, Which::All);
        assert_eq!((options.connections, options.conversations, options.accounts), (64, 5_000, 64));
    }

    #[test]
    fn a_target_needs_its_meta_and_must_be_here() {
        let (edge, graph) = ("http://127.0.0.1:8080", "http://127.0.0.1:8000/graph");
        assert!(read(&["sends", "--target", edge, "--graph", graph]).is_ok());
        assert!(read(&["--target", edge]).is_err());
        assert!(read(&["--core-pid", "1"]).is_err());
        assert!(read(&["--target", "http://10.0.0.1:8080", "--graph", graph]).is_err());
        assert!(read(&["--connections", "0"]).is_err());
    }
}
