//! The key ring of `TOKEN_KEYS`: `id:base64(32 bytes)`, comma-separated.
//!
//! Invariant: a ring has at least one key, each id and each key once. Nothing that it says of itself, or
//! of what it refuses, has a byte of a key in it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::KEY;

/// Why a key ring is refused. Never names key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// There is no key at all.
    #[error("no key is given; make one with `openssl rand -base64 32` and set `1:<that>`")]
    Empty,
    /// An entry is not `id:base64`.
    #[error("entry {0} is not `id:base64(32 bytes)` with an id from 1 to 4294967295")]
    Malformed(usize),
    /// An id stands twice.
    #[error("the key id {0} stands twice")]
    Repeated(u32),
    /// Two ids name one key: whoever meant to change keys has not.
    #[error("the ids {0} and {1} are one and the same key")]
    Same(u32, u32),
}

/// One key.
struct Key {
    id: u32,
    bytes: Zeroizing<[u8; KEY]>,
}

/// Keys by id; the first one seals.
pub struct KeyRing {
    first: Key,
    others: Vec<Key>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", 1 + self.others.len())
    }
}

impl KeyRing {
    /// Reads the setting.
    ///
    /// # Errors
    /// [`KeyRingError`] when it has no key, or an entry is wrong.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, entry) in text.split(',').map(str::trim).filter(|e| !e.is_empty()).enumerate() {
            let key = Key::parse(entry).ok_or(KeyRingError::Malformed(index + 1))?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeyRingError::Repeated(key.id));
            }
            // Both are the operator's own, so how long the comparison takes tells nobody anything.
            if let Some(known) = keys.iter().find(|known| known.bytes == key.bytes) {
                return Err(KeyRingError::Same(known.id, key.id));
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeyRingError::Empty)?;
        Ok(Self { first, others: keys.collect() })
    }

    /// The id and key that seal.
    pub(super) fn first(&self) -> (u32, &[u8; KEY]) {
        (self.first.id, &self.first.bytes)
    }

    /// The key of an id.
    pub(super) fn get(&self, id: u32) -> Option<&[u8; KEY]> {
        self.keys().find(|key| key.id == id).map(|key| &*key.bytes)
    }

    /// A key for another purpose from each key, the sealing one first (HKDF-SHA256, RFC 5869).
    pub(super) fn derive(&self, purpose: &str) -> Vec<Zeroizing<[u8; 32]>> {
        let derive = |key: &Key| {
            let mut out = Zeroizing::new([0; 32]);
            // 32 bytes are far below the limit of HKDF-SHA256, 255 × 32: expand cannot fail.
            let _ = Hkdf::<Sha256>::new(None, &*key.bytes).expand(purpose.as_bytes(), &mut *out);
            out
        };
        self.keys().map(derive).collect()
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Key {
    fn parse(entry: &str) -> Option<Self> {
        let (id, encoded) = entry.split_once(':')?;
        let id = id.trim();
        // `parse` alone would take a sign.
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let id: u32 = id.parse().ok().filter(|id| *id != 0)?;
        let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
        let mut bytes = Zeroizing::new([0; KEY]);
        if decoded.len() != KEY {
            return None;
        }
        bytes.copy_from_slice(&decoded);
        Some(Self { id, bytes })
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
