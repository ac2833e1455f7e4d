//! One process per folder.
//!
//! Invariant: the lock is held until the last thread of the store has closed its connection, and the
//! operating system takes it back from a process that dies.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::store::StoreError;

/// The right to use a folder.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes it, or says who is in the way.
    pub(super) fn take(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |why: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("{}: {why}", folder.display()))
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(|e| unusable(&e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "{} is in use by another process",
                folder.display()
            ))),
            Err(TryLockError::Error(e)) => Err(unusable(&e)),
        }
    }
}
