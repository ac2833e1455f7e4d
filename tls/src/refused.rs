//! Why a file is not used.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// A file that is not used, in one line. It repeats nothing of what the file holds.
#[derive(Debug, thiserror::Error)]
pub struct Refused {
    path: Option<PathBuf>,
    #[source]
    why: Why,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// Somebody gave the file's content instead of its path.
    #[error("must be the path of a PEM file, not what is in it")]
    NoPath,
    /// The system does not give it.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It cannot be what it should be.
    #[error("is too large for a PEM file")]
    TooLarge,
    /// It has no certificate.
    #[error("has no certificate in PEM form")]
    NoCertificate,
    /// It has something in a certificate's place.
    #[error("has a certificate that cannot be read")]
    BrokenCertificate,
    /// It is too late for its certificate.
    #[error("has a certificate that has expired")]
    Expired,
    /// It is too early for its certificate.
    #[error("has a certificate that is not valid yet")]
    NotYet,
    /// Its certificate is for the other side.
    #[error("has a certificate whose extended key usage does not allow it here")]
    OtherSide,
    /// It has no key, or one that a passphrase protects.
    #[error("has no private key in PEM form that is not encrypted")]
    NoKey,
    /// Its key is of a kind that nobody knows.
    #[error("has a private key of an unknown kind")]
    UnknownKey,
    /// Its key belongs to another certificate.
    #[error("has a private key that does not belong to the certificate")]
    AnotherKey,
}

impl Refused {
    /// About a file whose path may be shown.
    pub(crate) fn at(path: &Path) -> impl Fn(Why) -> Self {
        move |why| match why {
            Why::NoPath => Self { path: None, why },
            why => Self { path: Some(path.to_owned()), why },
        }
    }

    /// About a key: what was given as its path is not shown, as it may be the key itself.
    pub(crate) fn unseen(why: Why) -> Self {
        Self { path: None, why }
    }

    /// What is wrong.
    pub fn why(&self) -> &Why {
        &self.why
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{} {}", path.display(), self.why),
            None => write!(f, "{}", self.why),
        }
    }
}
