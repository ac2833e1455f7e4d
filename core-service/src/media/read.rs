//! Reading a file as it is taken.

use std::{ops::Range, pin::Pin};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{GetOptions, GetRange, ObjectStoreExt as _};

use super::{MediaError, MediaStore, name};
use crate::domain::ids::MessageId;

/// The largest chunk.
const CHUNK: usize = 256 * 1024;
/// Smaller ones are put together until there is as much: each costs a frame.
const ENOUGH: usize = 64 * 1024;
/// So many bytes tell what a file is.
const HEAD: u64 = 4 * 1024;

/// A part of a file, in order; no chunk is larger than 256 KiB.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, MediaError>> + Send + 'static>>;

impl MediaStore {
    /// The first bytes of a file, enough to tell what it is.
    ///
    /// # Errors
    /// [`MediaError`] when there is none, or the store does not answer.
    pub async fn head(&self, message: MessageId, size: u64) -> Result<Bytes, MediaError> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        Ok(self.objects.get_range(&name(message), 0..size.min(HEAD)).await?)
    }

    /// A part of a file. It is read as fast as it is taken.
    ///
    /// # Errors
    /// As [`MediaStore::head`].
    pub async fn read(&self, message: MessageId, part: Range<u64>) -> Result<Chunks, MediaError> {
        if part.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(part)), ..GetOptions::default() };
        let found = self.objects.get_opts(&name(message), options).await?;
        Ok(regroup(found.into_stream().map_err(MediaError::from).boxed()).boxed())
    }
}

/// The same bytes in chunks of a good size.
fn regroup(bytes: Chunks) -> impl Stream<Item = Result<Bytes, MediaError>> + Send + 'static {
    let grouped = stream::try_unfold(bytes, |mut bytes| async move {
        let mut group = BytesMut::new();
        while group.len() < ENOUGH {
            match bytes.try_next().await? {
                Some(chunk) => group.extend_from_slice(&chunk),
                None => break,
            }
        }
        Ok::<_, MediaError>((!group.is_empty()).then(|| (group.freeze(), bytes)))
    });
    grouped
        .map_ok(|mut group| {
            let pieces = std::iter::from_fn(move || {
                let piece = group.split_to(group.len().min(CHUNK));
                (!piece.is_empty()).then_some(Ok(piece))
            });
            stream::iter(pieces)
        })
        .try_flatten()
}
