//! A file that came in.
//!
//! Invariant: a digest is lower-case hexadecimal, whatever Meta wrote it in, or absent.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::super::{hex, peek};
use crate::domain::content::{Content, Media, MediaKind, MediaState};

/// What bytes are when nobody says.
const BYTES: &str = "application/octet-stream";
/// Length of a SHA-256.
const DIGEST: usize = 32;

/// Reads a file; `None` when it is no object.
pub(super) fn read(kind: MediaKind, part: &Value) -> Option<Content> {
    if !part.is_object() {
        return None;
    }
    let media_id = peek::text(part, "id");
    // Without an id there is nothing to fetch it by.
    let state = if media_id.is_some() { MediaState::Pending } else { MediaState::Lost };
    Some(Content::Media(Media {
        kind,
        media_id,
        mime_type: peek::text(part, "mime_type").unwrap_or_else(|| BYTES.to_owned()),
        filename: peek::text(part, "filename"),
        caption: peek::text(part, "caption"),
        size: peek::integer(part, "file_size").filter(|size| *size >= 0),
        sha256: peek::text(part, "sha256").and_then(|digest| sha256(&digest)),
        state,
    }))
}

/// Base64 in webhooks, hexadecimal elsewhere.
fn sha256(digest: &str) -> Option<String> {
    if digest.len() == 2 * DIGEST && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(digest.to_ascii_lowercase());
    }
    let bytes = STANDARD.decode(digest).ok()?;
    (bytes.len() == DIGEST).then(|| hex::encode(&bytes))
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
