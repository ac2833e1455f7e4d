//! Digests as Meta writes them.
//!
//! Invariant: a digest is lower-case hexadecimal, whatever Meta wrote it in, or absent.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::hex;

/// Length of a SHA-256.
const LENGTH: usize = 32;

/// Base64 in webhooks, hexadecimal elsewhere.
pub(super) fn sha256(digest: &str) -> Option<String> {
    if digest.len() == 2 * LENGTH && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(digest.to_ascii_lowercase());
    }
    let bytes = STANDARD.decode(digest).ok()?;
    (bytes.len() == LENGTH).then(|| hex::encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_hex_or_nothing() {
        let base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(base64).as_deref(), Some(hex));
        assert_eq!(sha256(&hex.to_uppercase()).as_deref(), Some(hex));
        for wrong in ["", "abc", "47DEQpj8", &hex[1..]] {
            assert_eq!(sha256(wrong), None, "{wrong}");
        }
    }
}
