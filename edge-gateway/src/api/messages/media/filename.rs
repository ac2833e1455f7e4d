//! The name that a file is saved under.
//!
//! A name is chosen by whoever sent the file, so it may try to be a path, a header, a hidden file, or to read
//! backwards on the screen.
//!
//! Invariant: what comes of it is one line of a header, and one name of one file that reads as it is.

use std::fmt::Write as _;

/// The longest name, in characters; file systems take 255 bytes.
const LONGEST: usize = 100;

/// What is added when the sender chose no name.
const ENDINGS: [(&str, &str); 14] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("audio/ogg", "ogg"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("application/zip", "zip"),
];

/// `Content-Disposition` of a file: under the sender's name, else one made of its message and type.
pub(super) fn disposition(filename: Option<&str>, message_id: &str, content_type: &str) -> String {
    let name = filename.map(clean).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| made(message_id, content_type));
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    // Old readers take the first, all others the second.
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(&name))
}

fn made(message_id: &str, content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default().trim();
    let ending = ENDINGS.iter().find(|(kind, _)| *kind == bare).map(|(_, ending)| *ending);
    match ending {
        Some(ending) => format!("{}.{ending}", clean(message_id)),
        None => clean(message_id),
    }
}

/// The last part of a path, without what cannot be seen, and without what systems read something into.
fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = last.chars().filter(|c| !c.is_control() && !is_unseen(*c));
    let kept: String = seen.map(|c| if ":*?\"<>|".contains(c) { '_' } else { c }).collect();
    let kept = kept.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    shortened(kept)
}

/// Keeps the ending, by which people and systems know what it is.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.filter(|ending| ending.chars().count() <= 10);
    match ending {
        Some(ending) => {
            let stem: String = name.chars().take(LONGEST - 1 - ending.chars().count()).collect();
            format!("{stem}.{ending}")
        }
        None => name.chars().take(LONGEST).collect(),
    }
}

/// Marks that take no place, or turn the direction of what follows.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Stands in a quoted string as it is.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%')
}

/// As RFC 8187 writes letters that a header cannot hold.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> String {
        disposition(Some(name), "0199", "application/pdf")
    }

    #[test]
    fn a_plain_name_stays() {
        assert_eq!(of("cv.pdf"), "attachment; filename=\"cv.pdf\"");
        assert_eq!(of("My CV (2).pdf"), "attachment; filename=\"My CV (2).pdf\"");
    }

    #[test]
    fn other_letters_are_encoded_and_old_readers_get_something() {
        let expected =
            "attachment; filename=\"Leb_nslauf.pdf\"; filename*=UTF-8''Leb%C3%A9nslauf.pdf";
        assert_eq!(of("Lebénslauf.pdf"), expected);
        assert_eq!(
            of("100%.pdf"),
            "attachment; filename=\"100_.pdf\"; filename*=UTF-8''100%25.pdf"
        );
        assert!(of("履歴書.pdf").ends_with("filename*=UTF-8''%E5%B1%A5%E6%AD%B4%E6%9B%B8.pdf"));
    }

    #[test]
    fn a_name_is_no_path_no_header_and_reads_as_it_is() {
        let table = [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\cv.pdf", "cv.pdf"),
            ("/abs/cv.pdf", "cv.pdf"),
            ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
            ("cv\u{202e}fdp.exe", "cvfdp.exe"),
            ("cv\u{0}.pdf", "cv.pdf"),
            (".htaccess", "htaccess"),
            ("cv.pdf. . ", "cv.pdf"),
            ("a\"; filename=\"b.exe", "a_; filename=_b.exe"),
            ("a<b>|c?.pdf", "a_b__c_.pdf"),
        ];
        for (name, expected) in table {
            assert_eq!(of(name), format!("attachment; filename=\"{expected}\""), "{name:?}");
        }
    }

    #[test]
    fn without_a_name_it_gets_one() {
        for nothing in [None, Some(""), Some(".."), Some("a/"), Some("\u{200b}")] {
            let made = disposition(nothing, "0199-ab", "image/jpeg");
            assert_eq!(made, "attachment; filename=\"0199-ab.jpg\"", "{nothing:?}");
        }
        let made = |kind| disposition(None, "0199", kind);
        assert_eq!(made("audio/ogg; codecs=opus"), "attachment; filename=\"0199.ogg\"");
        assert_eq!(made("application/octet-stream"), "attachment; filename=\"0199\"");
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_ending() {
        let name = clean(&format!("{}.pdf", "é".repeat(500)));
        assert!(name.chars().count() == LONGEST && name.ends_with("é.pdf"), "{name}");
        assert_eq!(clean(&"x".repeat(500)).len(), LONGEST);
        let ending = format!("a.{}", "x".repeat(500));
        assert_eq!(clean(&ending).len(), LONGEST);
    }
}
