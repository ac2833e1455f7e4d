//! Why a benchmark has no result.

use crate::processes::ProcessError;

/// What went wrong. No variant carries a token or a body that was sent.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A process of our own did not start or end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The folder of our own processes, or `/proc`, cannot be used.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// No answer.
    #[error("{what}: {source}")]
    Http {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: reqwest::Error,
    },
    /// An answer that makes measuring pointless.
    #[error("{what}: {answer}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// The status and name, or the field that is missing.
        answer: String,
    },
    /// No mongod of our own.
    #[error(transparent)]
    Mongod(#[from] dev_mongod::Error),
    /// The MongoDB under the core did not answer as it should.
    #[error("{what}: {source}")]
    Mongo {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: Box<mongodb::error::Error>,
    },
    /// The target did not come to rest.
    #[error("gave up after {seconds} s: {what}")]
    NotDrained {
        /// What was awaited.
        what: &'static str,
        /// How long.
        seconds: u64,
    },
    /// Acknowledged work is missing, or was done twice.
    #[error("{what}: {found} instead of {expected}")]
    Miscounted {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there should be.
        expected: u64,
    },
    /// It was asked to end.
    #[error("interrupted")]
    Interrupted,
    /// The runs ended, but not every answer was the expected one.
    #[error("{0} answers were not the expected ones")]
    Unexpected(u64),
}
