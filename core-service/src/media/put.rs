//! Writing a file as it comes.
//!
//! Invariant: bytes are counted and digested while they pass; an object appears only when all of them were
//! the right ones.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload, path::Path};
use sha2::{Digest as _, Sha256};

use super::{LARGEST, MediaError, MediaStore, name};
use crate::{
    domain::{ids::MessageId, rules::fetch::File},
    hex,
};

/// How much is in memory at a time. A bucket takes no smaller parts, but for the last.
const PART: usize = 5 * 1024 * 1024;

/// What the bytes must be, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Lower-case hex.
    pub sha256: Option<String>,
    /// Bytes; of interest only without a digest.
    pub size: Option<u64>,
}

/// Why a file was not written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutError<E> {
    /// Where the bytes come from broke.
    #[error("the bytes stopped coming")]
    Source(E),
    /// There are more bytes than are taken.
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    /// They are not the bytes that were wanted.
    #[error("it has the wrong {0}")]
    Wrong(&'static str),
    /// The store did not take them.
    #[error(transparent)]
    Store(#[from] MediaError),
}

impl MediaStore {
    /// Writes the file of a message. When it returns, the file is there for good. Of two who write the same
    /// one, each finds it whole or is told to come again.
    ///
    /// # Errors
    /// [`PutError`]; there is no file then, or the one that was there before.
    pub async fn put<E: Send>(
        &self,
        message: MessageId,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
        wanted: &Wanted,
    ) -> Result<File, PutError<E>> {
        let name = name(message);
        self.sweep(&name).await?;
        let mut writing = Writing::new(self, name);
        match writing.all(bytes, wanted).await {
            Ok(file) => Ok(file),
            Err(error) => {
                writing.give_up().await;
                Err(error)
            }
        }
    }

    /// Looks at what has become the object. A rival who swept in the middle has begun another file in our
    /// file's place, and then it was the beginning of that one which was renamed. Parts are written in order,
    /// so what has the size has all of the bytes.
    async fn see(&self, name: &Path, file: &File) -> Result<(), MediaError> {
        let size = self.objects.head(name).await?.size;
        if size == file.size {
            return Ok(());
        }
        let why = format!("{size} bytes stand where {} were written", file.size);
        Err(MediaError::Unavailable(why))
    }
}

/// An object that is being written.
struct Writing<'a> {
    store: &'a MediaStore,
    name: Path,
    /// Begun when the file does not fit into one part.
    upload: Option<Box<dyn MultipartUpload>>,
    part: Vec<Bytes>,
    held: usize,
    size: u64,
    digest: Sha256,
}

impl<'a> Writing<'a> {
    fn new(store: &'a MediaStore, name: Path) -> Self {
        let digest = Sha256::new();
        Self { store, name, upload: None, part: Vec::new(), held: 0, size: 0, digest }
    }

    async fn all<E: Send>(
        &mut self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
        wanted: &Wanted,
    ) -> Result<File, PutError<E>> {
        let mut bytes = std::pin::pin!(bytes);
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(PutError::Source)?;
            self.size += chunk.len() as u64;
            if self.size > LARGEST {
                return Err(PutError::TooLarge);
            }
            self.digest.update(&chunk);
            self.held += chunk.len();
            self.part.push(chunk);
            if self.held >= PART {
                self.write_part().await.map_err(MediaError::from)?;
            }
        }
        let file = self.file();
        check(&file, wanted)?;
        self.finish().await.map_err(MediaError::from)?;
        self.store.see(&self.name, &file).await?;
        Ok(file)
    }

    async fn write_part(&mut self) -> object_store::Result<()> {
        if self.upload.is_none() {
            self.upload = Some(self.store.objects.put_multipart(&self.name).await?);
        }
        let payload = self.take();
        if let Some(upload) = &mut self.upload {
            upload.put_part(payload).await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> object_store::Result<()> {
        if self.upload.is_none() {
            let payload = self.take();
            return self.store.objects.put(&self.name, payload).await.map(drop);
        }
        if self.held > 0 {
            self.write_part().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await?;
        }
        // It is an object now, and nothing that was begun: what may be begun there is a rival's.
        self.upload = None;
        Ok(())
    }

    fn take(&mut self) -> PutPayload {
        self.held = 0;
        PutPayload::from_iter(std::mem::take(&mut self.part))
    }

    fn file(&self) -> File {
        let digest = self.digest.clone().finalize();
        File { size: self.size, sha256: hex::encode(&digest) }
    }

    /// What was begun is no object, and goes; should that fail, the next try sweeps.
    async fn give_up(&mut self) {
        let Some(mut upload) = self.upload.take() else { return };
        if let Err(error) = upload.abort().await {
            tracing::debug!(%error, "the beginning of a file was left behind");
        }
    }
}

fn check<E>(file: &File, wanted: &Wanted) -> Result<(), PutError<E>> {
    let Wanted { sha256, size } = wanted;
    match (sha256, size) {
        (Some(sha256), _) if *sha256 != file.sha256 => Err(PutError::Wrong("digest")),
        (None, Some(size)) if *size != file.size => Err(PutError::Wrong("size")),
        (Some(_), _) | (None, _) => Ok(()),
    }
}
