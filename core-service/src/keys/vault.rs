//! The vault: AES-256-GCM envelopes around secrets at rest.
//!
//! Envelope, base64: `0xE1 | version 1 | key id u32 BE | nonce 12 | ciphertext and tag`. The associated
//! data is the first six bytes and the [`Context`], so an envelope opens only in the row and field that
//! it was sealed for.
//!
//! Invariant: what is sealed opens only in its own row and field, and any change of it is noticed.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use super::ring::KeyRing;
use crate::{
    domain::{client::Sealed, ids::ClientId},
    secret::Secret,
};

const MAGIC: [u8; 2] = [0xE1, 1];
const HEAD: usize = 6;
const NONCE: usize = 12;

/// What an envelope is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// The client whose secret it is.
    pub client: ClientId,
    /// The field of its row.
    pub field: &'a str,
}

impl Context<'_> {
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
    /// Its key is not on the ring.
    #[error("the sealed value needs a key that is not configured")]
    UnknownKey,
    /// It was changed, or belongs elsewhere.
    #[error("the sealed value does not open here")]
    Refused,
}

/// Seals and opens.
pub struct Vault {
    ring: std::sync::Arc<KeyRing>,
}

impl Vault {
    /// A vault over a ring.
    pub const fn new(ring: std::sync::Arc<KeyRing>) -> Self {
        Self { ring }
    }

    /// Seals a secret with the first key.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when the cipher fails, which no input of ours does.
    pub fn seal(&self, context: Context<'_>, secret: &Secret) -> Result<Sealed, VaultError> {
        let (id, key) = self.ring.first();
        let mut head = [0_u8; HEAD];
        head[..2].copy_from_slice(&MAGIC);
        head[2..].copy_from_slice(&id.to_be_bytes());
        let nonce: [u8; NONCE] = rand::random();
        let associated = context.associated(&head);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &associated };
        let sealed = Aes256Gcm::new(&(*key).into())
            .encrypt(&nonce.into(), payload)
            .map_err(|_| VaultError::Refused)?;
        let envelope = [&head[..], &nonce[..], &sealed[..]].concat();
        Ok(Sealed(STANDARD_NO_PAD.encode(envelope)))
    }

    /// Opens an envelope that was sealed for this context.
    ///
    /// # Errors
    /// [`VaultError`] when it is malformed, of an unknown key, changed, or sealed for another context.
    pub fn open(&self, context: Context<'_>, sealed: &Sealed) -> Result<Secret, VaultError> {
        let envelope = STANDARD_NO_PAD.decode(&sealed.0).map_err(|_| VaultError::Malformed)?;
        let (head, rest) = envelope.split_at_checked(HEAD).ok_or(VaultError::Malformed)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(VaultError::Malformed)?;
        let id: [u8; 4] = match head.strip_prefix(&MAGIC) {
            Some(id) => id.try_into().map_err(|_| VaultError::Malformed)?,
            None => return Err(VaultError::Malformed),
        };
        let key = self.ring.get(u32::from_be_bytes(id)).ok_or(VaultError::UnknownKey)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| VaultError::Malformed)?;
        let associated = context.associated(head);
        let clear = Aes256Gcm::new(&(*key).into())
            .decrypt(&nonce.into(), Payload { msg: body, aad: &associated })
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Refused)?;
        let text = std::str::from_utf8(&clear).map_err(|_| VaultError::Malformed)?;
        Ok(Secret::new(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn ring(text: &str) -> Arc<KeyRing> {
        Arc::new(KeyRing::parse(text).unwrap())
    }

    fn keys(ids: &[u32]) -> String {
        let entry = |id: &u32| format!("{id}:{}", base64_key(*id));
        ids.iter().map(entry).collect::<Vec<_>>().join(",")
    }

    fn base64_key(id: u32) -> String {
        base64::engine::general_purpose::STANDARD.encode([u8::try_from(id).unwrap(); 32])
    }

    fn client(n: u128) -> ClientId {
        ClientId::new(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn an_envelope_opens_only_where_it_was_sealed() {
        let vault = Vault::new(ring(&keys(&[1])));
        let home = Context { client: client(1), field: "token" };
        let sealed = vault.seal(home, &Secret::new("canary".into())).unwrap();
        assert_eq!(vault.open(home, &sealed).unwrap().expose(), "canary");
        for other in [
            Context { client: client(2), field: "token" },
            Context { client: client(1), field: "pin" },
        ] {
            assert_eq!(vault.open(other, &sealed).unwrap_err(), VaultError::Refused);
        }
    }

    #[test]
    fn every_key_opens_and_the_first_seals() {
        let home = Context { client: client(1), field: "token" };
        let old = Vault::new(ring(&keys(&[1])));
        let sealed = old.seal(home, &Secret::new("canary".into())).unwrap();
        let rotated = Vault::new(ring(&keys(&[2, 1])));
        assert_eq!(rotated.open(home, &sealed).unwrap().expose(), "canary");
        let fresh = rotated.seal(home, &Secret::new("canary".into())).unwrap();
        assert_eq!(old.open(home, &fresh).unwrap_err(), VaultError::UnknownKey);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = Secret::new("canary".into());
        assert!(!format!("{secret:?} {:?}", ring(&keys(&[1]))).contains("canary"));
    }

    proptest! {
        #[test]
        fn a_changed_envelope_never_opens(place in 0_usize..60, bit in 0_u8..8) {
            let vault = Vault::new(ring(&keys(&[1])));
            let home = Context { client: client(1), field: "token" };
            let sealed = vault.seal(home, &Secret::new("a secret of some length".into())).unwrap();
            let mut bytes = STANDARD_NO_PAD.decode(&sealed.0).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= 1 << bit;
            prop_assert!(vault.open(home, &Sealed(STANDARD_NO_PAD.encode(bytes))).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,120}") {
            let vault = Vault::new(ring(&keys(&[1])));
            let home = Context { client: client(1), field: "token" };
            prop_assert!(vault.open(home, &Sealed(text)).is_err());
        }
    }
}
