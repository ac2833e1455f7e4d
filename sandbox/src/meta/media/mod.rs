//! Files: what people sent, and what businesses uploaded.
//!
//! Invariant: a file belongs to one business number and dies by itself, seven days after it was
//! received or thirty after it was uploaded; both the count of files and their bytes are bounded,
//! the oldest go first.

mod kind;
mod link;
mod sample;

pub use kind::{Kind, LARGEST_INBOUND};
pub use link::{LIFETIME_SECS, Link};
pub use sample::{filler, sample};

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::number::WaNumber;
use super::{ids, wire};

/// Files kept at once.
const MAX_FILES: usize = 20_000;
/// Their bytes together.
const MAX_BYTES: usize = 1 << 30;
const DAY_MS: i64 = 86_400_000;

/// How a file came to Meta.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A person sent it.
    Received(WaNumber),
    /// The business uploaded it.
    Uploaded,
}

/// One file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Medium {
    /// Meta's id.
    pub id: String,
    /// The business number that it belongs to.
    pub phone_number_id: String,
    /// How it came.
    pub origin: Origin,
    /// What it is said to be.
    pub mime_type: String,
    /// Name that its sender gave it.
    pub filename: Option<String>,
    /// Business time in milliseconds.
    pub at_ms: i64,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its bytes; a snapshot keeps them in a file of their own.
    #[serde(skip)]
    pub bytes: Bytes,
}

impl Medium {
    /// A file under an id of its own.
    #[must_use]
    pub fn new(
        phone_number_id: &str,
        origin: Origin,
        mime_type: String,
        filename: Option<String>,
        bytes: Bytes,
        at_ms: i64,
    ) -> Self {
        let id = ids::object_id();
        let phone_number_id = phone_number_id.to_owned();
        let digest = Sha256::digest(&bytes).into();
        Self { id, phone_number_id, origin, mime_type, filename, at_ms, digest, bytes }
    }

    /// Whether its id is still good.
    #[must_use]
    pub fn lives(&self, now_ms: i64) -> bool {
        let days = match self.origin {
            Origin::Received(_) => 7,
            Origin::Uploaded => 30,
        };
        now_ms < self.at_ms + days * DAY_MS
    }

    /// The person who sent it, for the rules.
    #[must_use]
    pub fn sender(&self) -> Option<&WaNumber> {
        match &self.origin {
            Origin::Received(number) => Some(number),
            Origin::Uploaded => None,
        }
    }

    /// Its digest as webhooks spell it.
    #[must_use]
    pub fn digest_base64(&self) -> String {
        STANDARD.encode(self.digest)
    }

    /// Its digest as the lookup spells it.
    #[must_use]
    pub fn digest_hex(&self) -> String {
        wire::hex(&self.digest)
    }
}

/// All files.
#[derive(Debug, Default)]
pub struct Shelf {
    files: BTreeMap<String, Arc<Medium>>,
    bytes: usize,
    /// Grows with every change, for whoever saves them.
    version: u64,
}

impl Shelf {
    /// The files as they were saved.
    #[must_use]
    pub fn restored(saved: impl IntoIterator<Item = Arc<Medium>>) -> Self {
        let mut shelf = Self::default();
        for medium in saved {
            shelf.put(medium);
        }
        shelf
    }

    /// Keeps a file; the oldest make room.
    pub fn put(&mut self, medium: Arc<Medium>) {
        while self.files.len() >= MAX_FILES || self.bytes + medium.bytes.len() > MAX_BYTES {
            let oldest = self.files.values().min_by_key(|medium| medium.at_ms);
            let Some(oldest) = oldest.map(|medium| medium.id.clone()) else { break };
            self.remove(&oldest);
        }
        self.bytes += medium.bytes.len();
        self.version += 1;
        self.files.insert(medium.id.clone(), medium);
    }

    /// Forgets a file; answers whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(medium) = self.files.remove(id) else { return false };
        self.bytes -= medium.bytes.len();
        self.version += 1;
        true
    }

    /// The file with this id, if the id is still good.
    #[must_use]
    pub fn get(&self, id: &str, now_ms: i64) -> Option<&Arc<Medium>> {
        self.files.get(id).filter(|medium| medium.lives(now_ms))
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Medium>> {
        self.files.values()
    }

    /// Grows with every change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium(origin: Origin) -> Medium {
        Medium::new("1", origin, String::from("image/png"), None, Bytes::from_static(b"x"), 0)
    }

    #[test]
    fn ids_die_after_seven_days_or_thirty() {
        let ana = WaNumber::parse("16505551234").expect("a number");
        for (origin, days) in [(Origin::Received(ana), 7), (Origin::Uploaded, 30)] {
            let medium = medium(origin);
            let id = medium.id.clone();
            let shelf = Shelf::restored([Arc::new(medium)]);
            assert!(shelf.get(&id, days * DAY_MS - 1).is_some());
            assert!(shelf.get(&id, days * DAY_MS).is_none());
        }
    }

    #[test]
    fn a_digest_has_two_spellings() {
        let medium = medium(Origin::Uploaded);
        assert_eq!(medium.digest_base64(), "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
        assert!(medium.digest_hex().starts_with("2d711642b726"));
    }
}
