//! The key ring of `TOKEN_KEYS`: `id:base64(32 bytes)`, comma-separated.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

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
}

/// One key.
struct Key {
    id: u32,
    bytes: Zeroizing<[u8; 32]>,
}

/// Keys by id; the first one seals.
pub struct KeyRing {
    keys: Vec<Key>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", self.keys.len())
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
            let malformed = KeyRingError::Malformed(index + 1);
            let (id, encoded) = entry.split_once(':').ok_or_else(|| malformed.clone())?;
            let id: u32 = id.trim().parse().map_err(|_| malformed.clone())?;
            let mut decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed.clone())?;
            let bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| malformed.clone())?;
            decoded.zeroize();
            if id == 0 {
                return Err(malformed);
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(KeyRingError::Repeated(id));
            }
            keys.push(Key { id, bytes: Zeroizing::new(bytes) });
        }
        if keys.is_empty() { Err(KeyRingError::Empty) } else { Ok(Self { keys }) }
    }

    /// The id and key that seal.
    pub(super) fn first(&self) -> (u32, Zeroizing<[u8; 32]>) {
        let Key { id, bytes } = &self.keys[0];
        (*id, bytes.clone())
    }

    /// The key of an id.
    pub(super) fn get(&self, id: u32) -> Option<Zeroizing<[u8; 32]>> {
        self.keys.iter().find(|key| key.id == id).map(|key| key.bytes.clone())
    }

    /// A key for another purpose from each key, the sealing one first (HKDF-SHA256, RFC 5869).
    pub(super) fn derive(&self, purpose: &str) -> Vec<Zeroizing<[u8; 32]>> {
        let derive = |key: &Key| {
            let mut out = Zeroizing::new([0; 32]);
            // 32 bytes are far below the limit of HKDF-SHA256, 255 × 32: expand cannot fail.
            let _ = Hkdf::<Sha256>::new(None, &*key.bytes).expand(purpose.as_bytes(), &mut *out);
            out
        };
        self.keys.iter().map(derive).collect()
    }
}
