//! A consent that a person was sent to Meta for, until they come back.
//!
//! Invariant: it is used once, and by the person who asked for it: neither the state nor the browser's
//! secret is stored, only what they are recognised by.

use serde::{Deserialize, Serialize};

use super::{actor::Actor, owner::Owner, time::Timestamp};

/// Recognises a text that is not kept: base64url of its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Takes a fingerprint; `keys::fingerprint` makes them.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// As text, for keys of a store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who is awaited back from Meta, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Of the `state` that went to Meta; its key.
    pub state: Fingerprint,
    /// Of the secret that the browser was given.
    pub browser: Fingerprint,
    /// Whose connection it will be.
    pub owner: Owner,
    /// Who asked, as it is written into rows.
    pub by: String,
    /// It is worth nothing from then on.
    pub expires_at: Timestamp,
}

impl Consent {
    /// True when the time to come back is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// For whom whoever comes back acts.
    pub fn actor(&self) -> Actor {
        Actor { by: self.by.clone(), owner: self.owner.clone() }
    }
}
