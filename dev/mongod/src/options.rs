//! How a server is to be: small and strict by default, since tests start many and wait for all.

use std::{ffi::OsString, str::FromStr, time::Duration};

/// How many servers a set has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nodes {
    /// One: transactions and change streams, no failover.
    One,
    /// Three: failover with a majority.
    Three,
}

impl Nodes {
    /// As a number.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Three => 3,
        }
    }
}

impl FromStr for Nodes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "1" => Ok(Self::One),
            "3" => Ok(Self::Three),
            other => Err(format!("a set has 1 or 3 nodes, not {other}")),
        }
    }
}

/// How the storage engine keeps its journal. It is always on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// Files of 16 MB, made when needed: a fresh server takes 17 MB of disk instead of 301 MB.
    Small,
    /// As MongoDB ships it: for measurements.
    AsShipped,
}

/// How servers are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many.
    pub nodes: Nodes,
    /// Whether fail points and other commands for tests are there.
    pub test_commands: bool,
    /// Operations slower than this are logged.
    pub slow: Duration,
    /// Size of the oplog in megabytes.
    pub oplog_mb: u32,
    /// Cache of the storage engine in megabytes; the server takes no less than 256.
    pub cache_mb: u32,
    /// Size of journal files.
    pub journal: Journal,
    /// How long a transaction may stay open before the server aborts it.
    pub transaction_lifetime: Duration,
    /// Whether clients must say who they are. There is one user then, who may do everything; a test makes
    /// others with the commands of the database `admin`.
    pub access_control: bool,
    /// Further arguments for each `mongod`, as on its command line.
    pub arguments: Vec<String>,
}

impl Options {
    /// A set of one server.
    #[must_use]
    pub fn one() -> Self {
        Self {
            nodes: Nodes::One,
            test_commands: true,
            slow: Duration::from_millis(100),
            oplog_mb: 64,
            cache_mb: 256,
            journal: Journal::Small,
            transaction_lifetime: Duration::from_secs(5),
            access_control: false,
            arguments: Vec::new(),
        }
    }

    /// A set of three servers.
    #[must_use]
    pub fn three() -> Self {
        Self { nodes: Nodes::Three, ..Self::one() }
    }

    /// These options as arguments of one `mongod`.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let Self {
            nodes: _,
            test_commands,
            slow,
            oplog_mb,
            cache_mb,
            journal,
            transaction_lifetime,
            // Needs a file in the server's folder.
            access_control: _,
            arguments,
        } = self;
        let mut all = vec![
            "--slowms".to_owned(),
            slow.as_millis().to_string(),
            "--oplogSize".to_owned(),
            oplog_mb.to_string(),
            "--wiredTigerCacheSizeGB".to_owned(),
            format!("{:.3}", f64::from(*cache_mb) / 1024.0),
            "--setParameter".to_owned(),
            format!("transactionLifetimeLimitSeconds={}", transaction_lifetime.as_secs().max(1)),
            // Metrics for MongoDB's own support: files that nobody reads here.
            "--setParameter".to_owned(),
            "diagnosticDataCollectionEnabled=false".to_owned(),
        ];
        if *test_commands {
            all.extend(["--setParameter".to_owned(), "enableTestCommands=1".to_owned()]);
        }
        if *journal == Journal::Small {
            all.extend([
                "--wiredTigerEngineConfigString".to_owned(),
                "log=(file_max=16MB,prealloc=false)".to_owned(),
            ]);
        }
        all.extend_from_slice(arguments);
        all.into_iter().map(OsString::from).collect()
    }
}
