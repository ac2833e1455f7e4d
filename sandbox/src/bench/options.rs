//! The flags of `sandbox bench`.

use std::{fmt, path::PathBuf};

use clap::{Args, ValueEnum, value_parser};

use super::loopback::Loopback;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// Signed webhooks, one inbound text each.
    Webhooks,
    /// Signed webhooks, a thousand inbound texts each.
    Giants,
    /// Checking and reading one delivery, in this process and without anything else.
    Reading,
    /// Text sends, with simulated statuses off and on.
    Sends,
    /// Lists of conversations: of many owners, and of one who has them all.
    Lists,
    /// Pages of one long conversation: the newest, and one at 90 % depth.
    History,
    /// Webhooks into that long conversation, and into a new one.
    Append,
    /// Everything.
    All,
}

/// Where the core keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// SQLite in the temporary folder.
    Embedded,
    /// A MongoDB replica set.
    #[value(name = "mongodb")]
    MongoDb,
}

/// Measures the service in a closed loop: webhooks, sends, lists, pages of a long conversation.
///
/// Without --target it starts a simulated Meta, a core and an edge as separate processes in a temporary
/// folder, and a MongoDB when that is the store, and stops them afterwards.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// What is measured
    #[arg(value_enum, default_values = ["all"])]
    pub which: Vec<Which>,

    /// The store under the core
    #[arg(long, value_enum, default_value = "embedded")]
    pub store: Store,

    /// A replica set that runs already, instead of a mongod of our own; loopback only
    ///
    /// A database is made in it and dropped afterwards. With --target it is only metered.
    #[arg(long, value_name = "URI")]
    pub mongodb_uri: Option<String>,

    /// How often everything is measured, one after the other
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=99))]
    pub repeat: u32,

    /// Messages of the long conversation
    #[arg(long, default_value_t = 200_000, value_parser = value_parser!(u32).range(1_000..=1_000_000))]
    pub history: u32,

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

    /// The process of that edge's core, to meter it; of the same user, as are the others
    #[arg(long, value_name = "PID", requires = "target")]
    pub core_pid: Option<u32>,

    /// The process of that edge, to meter it
    #[arg(long, value_name = "PID", requires = "target")]
    pub edge_pid: Option<u32>,

    /// The process of that simulated Meta, to meter it
    #[arg(long, value_name = "PID", requires = "target")]
    pub meta_pid: Option<u32>,

    /// Where that core tells how often its store synced, such as http://127.0.0.1:4321/stats
    #[arg(long, value_name = "URL", requires = "target")]
    pub stats: Option<Loopback>,
}

impl Options {
    /// The store that is measured: one that is named by its address need not be named twice.
    pub(super) fn store(&self) -> Store {
        if self.mongodb_uri.is_some() { Store::MongoDb } else { self.store }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::MongoDb => "mongodb",
        })
    }
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
        assert_eq!((options.which, options.store), (vec![Which::All], Store::Embedded));
        assert_eq!((options.repeat, options.history), (3, 200_000));
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
        assert!(read(&["--repeat", "0"]).is_err());
    }

    #[test]
    fn several_things_can_be_measured_alternately() {
        let options = read(&["webhooks", "history", "--store", "mongodb"]).expect("several");
        assert_eq!(options.which, [Which::Webhooks, Which::History]);
        assert_eq!(options.store, Store::MongoDb);
    }
}
