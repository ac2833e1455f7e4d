//! Whose data it is: the recruiter's e-mail address.
//!
//! Invariant: an [`Owner`] is trimmed and lower-cased, so that two spellings are one owner.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// How many lanes the work of all owners is spread over. Stored in rows: never change it.
pub const LANES: u8 = 64;

/// The person that a client and everything below it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(Arc<str>);

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Owner {
    /// Reads an e-mail address: one `@` with something on both sides, at most 254 bytes (RFC 5321),
    /// no white space or control characters.
    ///
    /// # Errors
    /// [`InvalidEmail`] otherwise.
    pub fn parse(raw: &str) -> Result<Self, InvalidEmail> {
        let text = raw.trim().to_lowercase();
        let (local, host) = text.split_once('@').ok_or(InvalidEmail)?;
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if clean
            && text.len() <= 254
            && !local.is_empty()
            && !host.is_empty()
            && !host.contains('@')
        {
            Ok(Self(text.into()))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lane that does this owner's work.
    pub fn lane(&self) -> Lane {
        Lane::of(self.0.as_bytes())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of [`LANES`] shares of the work; whoever leases it does the work of its owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(u8);

impl Lane {
    /// Every lane.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LANES).map(Self)
    }

    /// The lane of a key, by FNV-1a: stable across versions and machines, as it is stored.
    pub fn of(key: &[u8]) -> Self {
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // The low bits of FNV are its best; the cast keeps them.
        Self((hash % u64::from(LANES)) as u8)
    }

    /// Its number, below [`LANES`].
    pub const fn number(self) -> u8 {
        self.0
    }
}
