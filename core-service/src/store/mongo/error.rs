//! What the driver's errors mean to a caller.
//!
//! Invariant: an error is shown by its code and kind, never by what the server repeats of a row: rows are
//! personal data.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's kinds of errors are many and grow; what is not named is not told apart"
)]

use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, WriteFailure};

use crate::store::StoreError;

/// The server's code for a unique key that is taken.
pub(super) const DUPLICATE_KEY: i32 = 11_000;

/// The server's code for a row that another transaction writes.
const WRITE_CONFLICT: i32 = 112;

/// Why an attempt at a transaction ended.
#[derive(Debug)]
pub(super) enum Failure {
    /// A unique key is taken. Nothing was written.
    Duplicate,
    /// Another transaction writes one of the rows. Nothing was written.
    Contended,
    /// A member went away, or the like: nothing was written, try again.
    Transient(String),
    /// Anything else; nothing is known.
    Other(StoreError),
}

/// The server's code, when the server answered.
pub(super) fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => Some(concern.code),
        ErrorKind::InsertMany(many) => {
            let write = many.write_errors.as_ref().and_then(|all| all.first()).map(|w| w.code);
            write.or(many.write_concern_error.as_ref().map(|concern| concern.code))
        }
        _ => None,
    }
}

/// Whether an insert of many rows failed only in that some are there already, for a majority.
pub(super) fn only_duplicates(error: &Error) -> bool {
    let ErrorKind::InsertMany(many) = &*error.kind else { return false };
    let writes = many.write_errors.iter().flatten();
    many.write_concern_error.is_none()
        && many.write_errors.is_some()
        && writes.into_iter().all(|write| write.code == DUPLICATE_KEY)
}

/// What failed, without what it was about.
pub(super) fn name(error: &Error) -> String {
    match &*error.kind {
        ErrorKind::Command(command) => {
            format!("{} (code {})", command.code_name, command.code)
        }
        ErrorKind::ServerSelection { .. } => "no primary can be reached".to_owned(),
        ErrorKind::Io(io) => format!("connection: {}", io.kind()),
        ErrorKind::ConnectionPoolCleared { .. } => "connection: the member went away".to_owned(),
        ErrorKind::Authentication { .. } => {
            "the server refuses the user name or password".to_owned()
        }
        ErrorKind::InvalidTlsConfig { message, .. } => format!("TLS: {message}"),
        _ => match code(error) {
            Some(code) => format!("the server answered with code {code}"),
            None => "the driver failed".to_owned(),
        },
    }
}

/// An error outside a transaction.
pub(super) fn of(error: &Error) -> StoreError {
    StoreError::Unavailable(name(error))
}

/// An error within a transaction.
pub(super) fn in_transaction(error: &Error) -> Failure {
    if code(error) == Some(DUPLICATE_KEY) {
        Failure::Duplicate
    } else if code(error) == Some(WRITE_CONFLICT) {
        Failure::Contended
    } else if error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
        Failure::Transient(name(error))
    } else {
        Failure::Other(of(error))
    }
}

/// A call whose time is over.
pub(super) fn late() -> StoreError {
    StoreError::Unavailable("MongoDB did not answer in time".to_owned())
}

/// A call after closing.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

/// A call whose work ended without an answer: a fault of ours, and nothing is known.
pub(super) fn broken() -> StoreError {
    StoreError::Unavailable("the write broke off".to_owned())
}

/// A call that found too many others waiting.
pub(super) fn busy() -> StoreError {
    StoreError::Unavailable("too many writes wait".to_owned())
}
