//! What can go wrong with a server: each is one line that a person at a failed test can act on.

use std::{io, path::PathBuf, time::Duration};

/// Why there is no server, or why it did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither found nor fetched.
    #[error("no mongod to run: {why}; {remedy}")]
    Missing {
        /// What was tried.
        why: String,
        /// What a person can do.
        remedy: &'static str,
    },
    /// A folder, a pipe or a process of ours could not be had.
    #[error("{what}: {source}")]
    System {
        /// What was being done.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The process ended before it answered.
    #[error("mongod ended at once, its last words were: {last_words}")]
    Ended {
        /// From its log, or from what it printed.
        last_words: String,
    },
    /// What was waited for did not come.
    #[error("{what} not within {limit:?}, last seen: {seen}")]
    TooLate {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        limit: Duration,
        /// What was seen instead.
        seen: String,
    },
    /// The server does not answer.
    #[error("the server on port {port} does not answer: {source}")]
    Away {
        /// Its port.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// The server answered with an error.
    #[error("the server on port {port} refused {command}: {code} {message}")]
    Refused {
        /// Its port.
        port: u16,
        /// The command's name.
        command: String,
        /// The server's code.
        code: i32,
        /// The server's words.
        message: String,
    },
    /// The server said something that is not MongoDB's protocol.
    #[error("the server on port {port} gave an answer that cannot be read: {why}")]
    Garbled {
        /// Its port.
        port: u16,
        /// What is wrong with it.
        why: String,
    },
    /// The set has no node of this number.
    #[error("there is no node {node} in a set of {nodes}")]
    NoSuchNode {
        /// Asked for.
        node: usize,
        /// How many there are.
        nodes: usize,
    },
    /// The driver could not be set up.
    #[error(transparent)]
    Driver(#[from] mongodb::error::Error),
    /// A path that was named does not run.
    #[error("{} does not run: {why}", path.display())]
    DoesNotRun {
        /// The path.
        path: PathBuf,
        /// What it, or the system, said.
        why: String,
    },
}

impl Error {
    /// For `map_err`: names what was being done.
    pub(crate) fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}
