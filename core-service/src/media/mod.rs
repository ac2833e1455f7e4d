//! The media store: the bytes of files, by the ids of their messages.
//!
//! It stands on `object_store`, so that a folder of this machine and a bucket are the same to the rest;
//! which one is a setting. Rows say what is in it: an object that no row calls `STORED` is of no meaning,
//! and may be written again.
//!
//! Invariant: an object is there whole or not at all, and what [`MediaStore::put`] has returned for survives
//! a crash of the machine; nothing that a sender chose is part of a name; no file is ever in memory whole.

mod open;
mod put;
mod read;
mod sniff;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use object_store::{ObjectStore, path::Path};

pub use self::{
    open::{OpenError, Place},
    put::{PutError, Wanted},
    read::Chunks,
    sniff::{OCTETS, served_as},
};
use crate::domain::ids::MessageId;

/// The largest file that is taken: more than Meta lets anybody send.
pub const LARGEST: u64 = 100 * 1024 * 1024;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// There is no such object.
    #[error("the media store has no {0}")]
    Missing(String),
    /// It cannot answer now.
    #[error("the media store is not available: {0}")]
    Unavailable(String),
}

impl From<object_store::Error> for MediaError {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { path, .. } = error {
            return Self::Missing(path);
        }
        Self::Unavailable(error.to_string())
    }
}

/// Where the bytes of files are. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MediaStore {
    objects: Arc<dyn ObjectStore>,
    /// The folder, when it is one: what a crash leaves there has to be cleaned up by hand.
    folder: Option<PathBuf>,
}

impl MediaStore {
    /// Forgets the file of a message, and whatever was begun of it. Forgetting nothing is fine.
    ///
    /// # Errors
    /// [`MediaError::Unavailable`] when the store does not answer.
    pub async fn delete(&self, message: MessageId) -> Result<(), MediaError> {
        let name = name(message);
        self.sweep(&name).await?;
        match object_store::ObjectStoreExt::delete(&*self.objects, &name).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The name of a message's file. Its end spreads files evenly, as the beginning of an id is the time.
fn name(message: MessageId) -> Path {
    let id = message.uuid().as_simple().to_string();
    let shelf = &id[id.len() - 2..];
    Path::from(format!("{shelf}/{id}"))
}
