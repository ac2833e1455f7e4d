//! Files that are what they are said to be, for whoever does not care which.

use bytes::Bytes;

/// The first box of a film, and an empty second one: enough for whoever looks at the beginning.
const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08mdat";
const TEXT: &[u8] = b"A file of the sandbox.\n";

/// A small file of a type.
#[must_use]
pub fn sample(mime_type: &str) -> Bytes {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    Bytes::from_static(match essence {
        "image/png" => include_bytes!("files/dot.png"),
        "image/jpeg" => include_bytes!("files/photo.jpg"),
        "image/webp" => include_bytes!("files/sticker.webp"),
        "audio/ogg" | "audio/opus" => include_bytes!("files/voice.ogg"),
        "application/pdf" => include_bytes!("files/cv.pdf"),
        "video/mp4" | "video/3gpp" | "audio/mp4" => MP4,
        _ => TEXT,
    })
}

/// A file that begins like this type, of exactly this length.
#[must_use]
pub fn filler(mime_type: &str, length: usize) -> Bytes {
    let mut bytes = sample(mime_type).to_vec();
    bytes.resize(length, b'.');
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_begins_as_its_type_and_has_its_length() {
        let bytes = filler("image/png", 1000);
        assert!(bytes.starts_with(b"\x89PNG\r\n") && bytes.len() == 1000);
        assert_eq!(filler("audio/ogg; codecs=opus", 3).as_ref(), b"Ogg");
    }
}
