//! Random secrets, and what they are recognised by when they come back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{domain::consent::Fingerprint, secret::Secret};

/// A secret of 256 random bits, as 43 letters, digits, `-` and `_`.
pub fn random_secret() -> Secret {
    let bytes: [u8; 32] = rand::random();
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// What a secret is recognised by. It has enough random bits that nobody finds it from this, and
/// comparing fingerprints tells nothing of it by its time.
pub fn fingerprint(secret: &Secret) -> Fingerprint {
    Fingerprint::new(URL_SAFE_NO_PAD.encode(Sha256::digest(secret.expose().as_bytes())))
}
