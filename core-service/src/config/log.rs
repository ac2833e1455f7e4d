//! What is logged, and how.

use clap::ValueEnum;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// What is logged, as `tracing` filters say it.
    pub filter: String,
}

#[derive(clap::Args)]
pub(super) struct LogArgs {
    /// How a log line looks.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// What is logged, as `tracing` filters say it.
    #[arg(long, env = "RUST_LOG", default_value = "info")]
    rust_log: String,
}

impl LogArgs {
    pub(super) fn read(self) -> Log {
        let Self { log_format, rust_log } = self;
        Log { format: log_format, filter: rust_log }
    }
}
