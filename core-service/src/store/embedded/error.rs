//! What SQLite's errors mean to callers.
//!
//! Invariant: a taken key is a conflict of one batch; everything else is the store's own trouble.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// Classifies an error. Messages name tables and columns, never values.
pub(super) fn of(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, ref message) = error else {
        return StoreError::Unavailable(error.to_string());
    };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            StoreError::Conflict(message.clone().unwrap_or_else(|| "a key is taken".to_owned()))
        }
        _ if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// The store was closed, or one of its threads is gone.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

/// A work of the group panicked.
pub(super) fn panicked() -> StoreError {
    StoreError::Unavailable("writing panicked".to_owned())
}

/// More work waits than may.
pub(super) fn busy() -> StoreError {
    StoreError::Unavailable("too much work is waiting".to_owned())
}

/// The deadline went by.
pub(super) fn late() -> StoreError {
    StoreError::Unavailable("the store did not answer in time".to_owned())
}
