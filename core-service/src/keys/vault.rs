//! The vault: secrets at rest, each in an [`Envelope`] that opens in its own place only.
//!
//! What an envelope is bound to is the cipher's associated data: its head, and the [`Context`] of row and
//! field.
//!
//! Invariant: what is sealed opens only in its own row and field, and any change of it is noticed.

use std::sync::Arc;

use super::{
    cipher::{self, Refused},
    envelope::Envelope,
    ring::KeyRing,
};
use crate::{
    domain::{client::Sealed, ids::ClientId},
    secret::Secret,
};

/// What an envelope is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// The client whose secret it is, which names its row.
    pub client: ClientId,
    /// The field of its row.
    pub field: &'a str,
}

impl Context<'_> {
    /// The parts are told apart: an id has one length, and the field is all the rest.
    fn associated(&self, head: &[u8]) -> Vec<u8> {
        let Self { client, field } = self;
        [head, b"client:", client.uuid().as_bytes(), b"/", field.as_bytes()].concat()
    }
}

/// Why an envelope did not open. Says nothing about its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is no envelope of ours.
    #[error("the sealed value is malformed")]
    Malformed,
    /// A later version of this service may have written it.
    #[error("the sealed value has a form that this version does not know")]
    UnknownVersion,
    /// Its key is not on the ring.
    #[error("the sealed value needs a key that is not configured")]
    UnknownKey,
    /// It was changed, or belongs elsewhere.
    #[error("the sealed value does not open here")]
    Refused,
}

impl From<Refused> for VaultError {
    fn from(Refused: Refused) -> Self {
        Self::Refused
    }
}

/// Seals and opens.
pub struct Vault {
    ring: Arc<KeyRing>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault over a ring.
    pub const fn new(ring: Arc<KeyRing>) -> Self {
        Self { ring }
    }

    /// Seals a secret with the first key.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when the cipher fails, which no input of ours does.
    pub fn seal(&self, context: Context<'_>, secret: &Secret) -> Result<Sealed, VaultError> {
        let (key, bytes) = self.ring.first();
        let nonce = rand::random();
        let associated = context.associated(&Envelope::head(key));
        let body = cipher::seal(bytes, nonce, &associated, secret.expose().as_bytes())?;
        Ok(Envelope { key, nonce, body }.write())
    }

    /// Opens an envelope that was sealed for this context.
    ///
    /// # Errors
    /// [`VaultError`] when it is malformed, of an unknown form or key, changed, or sealed for another
    /// context.
    pub fn open(&self, context: Context<'_>, sealed: &Sealed) -> Result<Secret, VaultError> {
        self.open_envelope(context, &Envelope::read(sealed)?)
    }

    /// Seals with the first key what another key has sealed; `None` when it was the first one already.
    ///
    /// # Errors
    /// As [`Vault::open`]: also what needs no new envelope is opened.
    pub fn reseal(
        &self,
        context: Context<'_>,
        sealed: &Sealed,
    ) -> Result<Option<Sealed>, VaultError> {
        let envelope = Envelope::read(sealed)?;
        let secret = self.open_envelope(context, &envelope)?;
        let (first, _) = self.ring.first();
        if envelope.key == first { Ok(None) } else { self.seal(context, &secret).map(Some) }
    }

    fn open_envelope(
        &self,
        context: Context<'_>,
        envelope: &Envelope,
    ) -> Result<Secret, VaultError> {
        let Envelope { key, nonce, body } = envelope;
        let bytes = self.ring.get(*key).ok_or(VaultError::UnknownKey)?;
        let associated = context.associated(&Envelope::head(*key));
        let clear = cipher::open(bytes, *nonce, &associated, body)?;
        let text = std::str::from_utf8(&clear).map_err(|_| VaultError::Malformed)?;
        Ok(Secret::new(text.to_owned()))
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
