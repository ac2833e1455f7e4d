//! What a file may be served as.
//!
//! Meta repeats what the sender's phone said of a file, and phones can be made to say anything. A file whose
//! bytes do not prove a harmless type is `application/octet-stream`, whatever was said. This is decided each
//! time it is served, so a better judgement holds for what is stored already.
//!
//! Invariant: markup, scripts and programs are never served as what a browser would run.

/// What a file is when nothing better is proved.
pub const OCTETS: &str = "application/octet-stream";

/// Documents that are packed, and what packs them: a program is neither.
const PACKED: [(&str, &str); 6] = [
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\u{3}\u{4}"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\u{3}\u{4}"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK\u{3}\u{4}"),
    ("application/vnd.oasis.opendocument.text", "PK\u{3}\u{4}"),
    ("application/epub+zip", "PK\u{3}\u{4}"),
    ("application/zip", "PK\u{3}\u{4}"),
];
/// How old Office documents begin.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// What is packed in it.
const OF_OLE: [&str; 3] =
    ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];

/// What a file may be served as, by Meta's word for it and its first bytes.
pub fn served_as(said: &str, head: &[u8]) -> String {
    let said = said.trim().to_ascii_lowercase();
    let bare = said.split(';').next().unwrap_or_default().trim();
    let found = infer::get(head).map(|kind| kind.mime_type()).unwrap_or_default();
    if is_xml(bare) || !is_header(&said) || !is_proved(bare, found, head) {
        return OCTETS.to_owned();
    }
    // Another picture than was said is served as the one that it is.
    if family(bare) == "image" && bare != found { found.to_owned() } else { said }
}

fn family(mime: &str) -> &str {
    mime.split('/').next().unwrap_or_default()
}

/// True for what a browser reads as XML, in which scripts can stand, whatever family it is of.
fn is_xml(mime: &str) -> bool {
    mime.ends_with("+xml") || mime.ends_with("/xml")
}

fn is_proved(bare: &str, found: &str, head: &[u8]) -> bool {
    match family(bare) {
        "image" => family(found) == "image" && !is_xml(found),
        // One container holds either.
        "audio" | "video" => matches!(family(found), "audio" | "video"),
        _ => {
            let begins = |with: &[u8]| head.starts_with(with);
            (bare == "application/pdf" && begins(b"%PDF-"))
                || (bare == "text/plain" && is_plain(head))
                || (OF_OLE.contains(&bare) && begins(&OLE))
                || PACKED.iter().any(|(mime, with)| *mime == bare && begins(with.as_bytes()))
        }
    }
}

/// True for text in which nothing begins that a browser would take for markup.
fn is_plain(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A letter may be cut in two at the end.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    text.chars().all(is_text) && !text.contains('<') && !text.starts_with("#!")
}

/// True for what can stand in a header: a type with its parameters.
fn is_header(said: &str) -> bool {
    said.len() <= 200 && said.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
    const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead";
    const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\0\0isommp42";
    const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";

    #[test]
    fn what_the_bytes_prove_keeps_its_type() {
        let table: &[(&str, &[u8])] = &[
            ("image/png", PNG),
            ("image/jpeg", JPEG),
            ("image/webp", WEBP),
            ("audio/ogg; codecs=opus", OGG),
            ("video/mp4", MP4),
            ("audio/mp4", MP4),
            ("application/pdf", b"%PDF-1.7\n"),
            ("application/msword", &OLE),
            (PACKED[0].0, b"PK\x03\x04rest"),
            ("text/plain", "Grüße\n\tAna".as_bytes()),
            ("text/plain", b""),
            // Cut within a letter.
            ("text/plain", &"Grü".as_bytes()[..3]),
        ];
        for (said, head) in table {
            assert_eq!(served_as(said, head), *said, "{said}");
        }
        assert_eq!(served_as(" Image/PNG ", PNG), "image/png");
        assert_eq!(served_as("image/png; a=b", PNG), "image/png; a=b");
        for said in ["image/png", "image/jpg", "image/png; a=b", "image/unheard"] {
            assert_eq!(served_as(said, JPEG), "image/jpeg", "{said}");
        }
    }

    #[test]
    fn everything_else_is_octets_whatever_was_said() {
        let html = b"<!DOCTYPE html><script>alert(1)</script>";
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
        let table: &[(&str, &[u8])] = &[
            ("image/png", html),
            ("image/jpeg", svg),
            ("image/svg+xml", svg),
            ("image/svg+xml", PNG),
            ("Image/SVG+XML ; charset=utf-8", PNG),
            ("video/x+xml", MP4),
            ("text/html", html),
            ("text/plain", html),
            ("text/plain", b"#!/bin/sh\nrm"),
            ("text/plain", b"\xff\xfeh\0i\0"),
            ("text/xml", b"<?xml version=\"1.0\"?>"),
            ("application/javascript", b"alert(1)"),
            ("application/pdf", html),
            ("application/pdf", b"MZ\x90\0"),
            ("image/png", b"MZ\x90\0\x03\0\0\0"),
            ("video/mp4", b"\x7fELF\x02\x01\x01"),
            ("audio/ogg", b""),
            ("image/png\r\nx: y", PNG),
            ("image/png; a=\u{fc}", PNG),
            ("", PNG),
            (PACKED[0].0, b"MZ\x90\0"),
        ];
        for (said, head) in table {
            assert_eq!(served_as(said, head), OCTETS, "{said}");
        }
    }
}
