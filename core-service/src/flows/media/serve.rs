//! Somebody asks for the file of a message.
//!
//! Invariant: whoever may not see the message, or no longer does, is told that there is none; only a file that is `STORED` is
//! read, and what it is served as is decided by its bytes.

use std::{ops::Range, time::Duration};

use crate::{
    domain::{
        actor::Scope,
        content::{Content, Media, MediaState},
        ids::MessageId,
        message::Message,
        part::Part,
        refusal::Refusal,
    },
    flows::{Core, Error},
    media::{Chunks, MediaError, served_as},
};

/// When to ask again for a file that is being fetched right now.
const SOON: Duration = Duration::from_secs(1);

/// A file that can be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// As Meta said.
    pub mime_type: String,
    /// What it may be served as.
    pub content_type: String,
    /// Chosen by the sender.
    pub filename: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// The bytes that were asked for; `None` when there are no such bytes.
    pub part: Option<Range<u64>>,
    message: MessageId,
}

impl Core {
    /// What the file of a message is, and which of its bytes a caller asked for.
    ///
    /// # Errors
    /// `MESSAGE_NOT_FOUND` when the caller sees no such message, or it has no file that is or will be ours;
    /// [`Refusal::FilePending`] while it is being fetched; [`Error::Unavailable`] when a store is away.
    pub async fn file(&self, scope: &Scope, id: MessageId, part: &Part) -> Result<Served, Error> {
        let message = self.message(scope, id).await?;
        let Content::Media(media) = &message.content else { return Err(Refusal::NoFile.into()) };
        let (size, sha256) = match (media.state, &media.sha256) {
            (MediaState::Stored, Some(sha256)) => (size(media), sha256.clone()),
            (MediaState::Pending, _) => return Err(self.pending(&message).into()),
            (MediaState::Stored, None) | (MediaState::Lost, _) => {
                return Err(Refusal::NoFile.into());
            }
        };
        let head = self.media.head(id, size).await?;
        Ok(Served {
            mime_type: media.mime_type.clone(),
            content_type: served_as(&media.mime_type, &head),
            filename: media.filename.clone(),
            size,
            part: part.of(size, &sha256),
            sha256,
            message: id,
        })
    }

    /// The bytes that were asked for.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the media store is away.
    pub async fn read_file(&self, file: &Served) -> Result<Chunks, Error> {
        let part = file.part.clone().unwrap_or_default();
        Ok(self.media.read(file.message, part).await?)
    }

    fn pending(&self, message: &Message) -> Refusal {
        let due = message.fetch_at().map(|due| due.since(self.clock.now()));
        // A file that was never asked for by us, such as one that we sent, is not fetched.
        due.map_or(Refusal::NoFile, |left| Refusal::FilePending { retry_after: left.max(SOON) })
    }
}

fn size(media: &Media) -> u64 {
    media.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default()
}

impl From<MediaError> for Error {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Missing(_) => Self::Internal(error.to_string()),
            MediaError::Unavailable(why) => Self::Unavailable(why),
        }
    }
}
