//! Getting the bytes of a file that came in, which Meta keeps for some days only.
//!
//! Invariant: a message has a [`Fetch`] that is due exactly while its file is `PENDING`: the row is the
//! job, so no crash and no change of holder loses it. Whatever changes a message minds that.

use serde::{Deserialize, Serialize};

use super::{
    content::{Content, Media, MediaState},
    message::Message,
    time::Timestamp,
};

/// How far fetching a file has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Not before this time. `None` once it was given up.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// How often Meta said that it has no such file, or gave another one.
    pub refusals: u32,
    /// Why the last try failed, for operators. No address, token or name of a file is in it.
    pub last_error: Option<String>,
}

impl Fetch {
    /// To be fetched at once.
    pub const fn at(now: Timestamp) -> Self {
        Self { due_at: Some(now), attempts: 0, refusals: 0, last_error: None }
    }
}

/// The file of a content that is still to be fetched, and its name at Meta.
pub fn pending(content: &Content) -> Option<(&Media, &str)> {
    if let Content::Media(media) = content {
        let id = media.media_id.as_deref()?;
        return (media.state == MediaState::Pending).then_some((media, id));
    }
    None
}

/// Makes the job of a message fit its content: begun with a file that is to be fetched, ended with it.
pub fn mind(message: &mut Message, now: Timestamp) {
    match (pending(&message.content), message.fetch_at()) {
        (Some(_), None) => message.fetch = Some(Box::new(Fetch::at(now))),
        (None, Some(_)) => message.fetch = None,
        (Some(_), Some(_)) | (None, None) => {}
    }
}
