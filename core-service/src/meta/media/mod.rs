//! Files at Meta: a fresh address for an id, and the bytes behind it.
//!
//! An address comes out of Meta's answer and is good for some minutes, so it is never kept. It is also the
//! one place where somebody else's word decides whom we connect to, with the access token in hand; `guard`
//! and `resolve` say whom we may.
//!
//! Invariant: no request goes to a host that is not allowed, whatever an answer, a redirect or a name server
//! says; no file is read beyond what is asked for, and no read waits for ever.

mod address;
mod download;
mod guard;
mod hosts;
mod resolve;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::{
    download::Download,
    hosts::{InvalidHost, MediaHosts},
};
use self::{
    download::Downloads,
    guard::{Forbidden, Guard},
};
use super::{
    Meta, Token,
    class::Class,
    client::{Call, Lost},
    error::{self, MetaError},
    peek,
};
use crate::domain::ids::PhoneNumberId;

/// The longest id of a file that we ask for.
const ID: usize = 128;

/// What Meta says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAtMeta {
    /// Where its bytes are, for some minutes.
    pub url: String,
    /// Lower-case hex.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
}

/// Why Meta did not give a file. No address and no token is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    /// The token opens nothing any more.
    #[error("Meta refuses the access token")]
    TokenRefused,
    /// Meta has no such file, or does not show it to us: it answers alike.
    #[error("Meta has no such file: {0}")]
    Unknown(String),
    /// The address is no longer good. Another one may be.
    #[error("the address of the file is no longer good")]
    Expired,
    /// The address is not one that we go to.
    #[error("the file is where we do not go: {0}")]
    Forbidden(String),
    /// The file is announced larger than we take.
    #[error("the file has {0} bytes")]
    TooLarge(u64),
    /// There was no usable answer, or Meta asks to try again.
    #[error("Meta is not available: {why}")]
    Away {
        /// For operators.
        why: String,
        /// When Meta wants to be asked again, if it said so.
        retry_after: Option<Duration>,
    },
}

impl NoFile {
    fn away(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), retry_after: None }
    }
}

impl From<Lost> for NoFile {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NotConnected(why) | Lost::NoAnswer(why) => Self::away(why),
        }
    }
}

impl From<Forbidden> for NoFile {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden.to_string())
    }
}

/// Fetches bytes from where Meta says they are.
#[derive(Debug)]
pub(super) struct Files {
    guard: Guard,
    downloads: Downloads,
}

impl Files {
    pub(super) fn new(
        graph_url: &str,
        hosts: MediaHosts,
    ) -> Result<Self, super::client::InvalidSettings> {
        let wrong = |why| super::client::InvalidSettings(why);
        let guard = Guard::new(graph_url, hosts).ok_or(wrong("the Graph URL has no host"))?;
        let downloads = Downloads::new(guard.trusted_host());
        let downloads =
            downloads.ok_or(wrong("the HTTP client for files cannot be built: no TLS roots?"))?;
        Ok(Self { guard, downloads })
    }
}

impl Meta {
    /// Asks where the bytes of a file are.
    ///
    /// # Errors
    /// [`NoFile`] says whether asking again may help.
    pub async fn look_up_file(
        &self,
        token: &Token,
        id: &str,
        number: &PhoneNumberId,
    ) -> Result<FileAtMeta, NoFile> {
        let usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > ID || !id.bytes().all(usual) {
            return Err(NoFile::Unknown("its id is none".to_owned()));
        }
        let (path, query) = ([id], [("phone_number_id", number.as_str())]);
        let answer = self.graph.call(token, Call::get(&path, &query)).await?;
        let retry_after = answer.retry_after;
        let body = error::good(&answer).map_err(|error| sort(error, retry_after))?;
        let url = peek::text(&body, "url")
            .ok_or_else(|| NoFile::away("an answer without the address of the file"))?;
        Ok(FileAtMeta {
            url,
            sha256: peek::text(&body, "sha256").and_then(|digest| super::digest::sha256(&digest)),
            size: peek::integer(&body, "file_size").and_then(|size| u64::try_from(size).ok()),
        })
    }

    /// Begins to fetch the bytes behind an address that Meta gave; announced larger than `most`, it is left
    /// alone. It follows a few redirects, to hosts that are allowed.
    ///
    /// # Errors
    /// As [`Meta::look_up_file`].
    pub async fn download(&self, token: &Token, url: &str, most: u64) -> Result<Download, NoFile> {
        let Files { guard, downloads } = &self.files;
        downloads.begin(guard, token, url, most).await
    }
}

/// What Meta's refusal to tell of a file means.
fn sort(error: MetaError, retry_after: Option<Duration>) -> NoFile {
    let (reason, class) = match error {
        MetaError::Unavailable(why) => return NoFile::Away { why, retry_after },
        MetaError::Rejected(reason, class) => (reason, class),
    };
    let why = format!("{} (code {})", reason.details, reason.code);
    match class {
        Class::Token => NoFile::TokenRefused,
        // A file of an unknown id is refused with 100 and sometimes 33, as a wrong parameter is.
        Class::Access if reason.code == 100 => NoFile::Unknown(why),
        Class::Parameter | Class::Media => NoFile::Unknown(why),
        Class::Access
        | Class::Account
        | Class::Throttled
        | Class::PairThrottled
        | Class::Limited
        | Class::Unavailable
        | Class::Unsure
        | Class::WindowClosed
        | Class::OptedOut
        | Class::Undeliverable
        | Class::TemplatePaused
        | Class::Template
        | Class::Registration
        | Class::Unlisted => NoFile::Away { why, retry_after },
    }
}
