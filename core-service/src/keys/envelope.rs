//! The envelope around a secret at rest, as text: base64 without padding of
//! `0xE1 | version 1 | key id u32 BE | nonce 12 | ciphertext and tag`.
//!
//! The first six bytes are its head. They are readable without a key, and are part of what the cipher
//! authenticates, so an envelope cannot be relabelled.
//!
//! Invariant: reading gives an envelope or an error, whatever the text; one envelope has one text.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::{cipher::NONCE, vault::VaultError};
use crate::domain::client::Sealed;

/// Tells an envelope from any other text of that alphabet.
const MAGIC: u8 = 0xE1;
/// The form that is written, and the only one so far.
const VERSION: u8 = 1;
const HEAD: usize = 6;

/// An envelope, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Which key opens it.
    pub(super) key: u32,
    /// What the key was used with.
    pub(super) nonce: [u8; NONCE],
    /// Ciphertext and tag.
    pub(super) body: Vec<u8>,
}

impl Envelope {
    /// The head of an envelope of this key.
    pub(super) fn head(key: u32) -> [u8; HEAD] {
        let [a, b, c, d] = key.to_be_bytes();
        [MAGIC, VERSION, a, b, c, d]
    }

    /// Writes it.
    pub(super) fn write(&self) -> Sealed {
        let Self { key, nonce, body } = self;
        Sealed(STANDARD_NO_PAD.encode([&Self::head(*key)[..], nonce, body].concat()))
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`VaultError::Malformed`], or [`VaultError::UnknownVersion`] for what only a later version may
    /// have written.
    pub(super) fn read(sealed: &Sealed) -> Result<Self, VaultError> {
        let bytes = STANDARD_NO_PAD.decode(&sealed.0).map_err(|_| VaultError::Malformed)?;
        let (&[magic, version, a, b, c, d], rest) =
            bytes.split_first_chunk().ok_or(VaultError::Malformed)?;
        if magic != MAGIC {
            return Err(VaultError::Malformed);
        }
        if version != VERSION {
            return Err(VaultError::UnknownVersion);
        }
        let (nonce, body) = rest.split_first_chunk().ok_or(VaultError::Malformed)?;
        Ok(Self { key: u32::from_be_bytes([a, b, c, d]), nonce: *nonce, body: body.to_vec() })
    }
}
