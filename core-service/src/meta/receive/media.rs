//! A file that came in.

use serde_json::Value;

use super::super::{digest::sha256, peek};
use crate::domain::content::{Content, Media, MediaKind, MediaState};

/// What bytes are when nobody says.
const BYTES: &str = "application/octet-stream";

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
        voice: peek::flag(part, "voice").unwrap_or(false),
        animated: peek::flag(part, "animated").unwrap_or(false),
    }))
}
