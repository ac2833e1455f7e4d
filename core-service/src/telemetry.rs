//! Logs: text for people, JSON for machines, on standard error.
//!
//! Invariant: only a `main` installs them; a test or the sandbox that runs several parts in one process
//! installs its own.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, Log, LogFormat};

/// Installs the log output of this process.
///
/// # Errors
/// [`ConfigError`] when the filter cannot be read, or something else logs already.
pub fn start(log: &Log) -> Result<(), ConfigError> {
    let Log { format, filter } = log;
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| ConfigError::new("RUST_LOG", error.to_string()))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // The complaint about a line that cannot be written would be a panic of whoever logs.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let installed = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    installed.map_err(|error| ConfigError::new("LOG_FORMAT", error.to_string()))
}
