//! `multipart/form-data`, as far as an upload needs it: whole in memory, every part once.

use bytes::Bytes;

/// One field of the form.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) mime_type: Option<String>,
    pub(super) bytes: Bytes,
}

/// Reads a form; nothing when it is not one.
pub(super) fn parse(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let (kind, _) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(content_type, "boundary")?;
    let delimiter = format!("--{boundary}");
    if !body.starts_with(delimiter.as_bytes()) {
        return None;
    }
    let inner = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    let mut at = delimiter.len();
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let length = find(rest.strip_prefix(b"\r\n")?, inner.as_bytes())?;
        let start = at + 2;
        parts.push(part(&body.slice(start..start + length))?);
        at = start + length + inner.len();
    }
}

fn part(text: &Bytes) -> Option<Part> {
    let end = find(text, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&text[..end]).ok()?;
    let (mut name, mut filename, mut mime_type) = (None, None, None);
    for line in head.split("\r\n") {
        let (header, value) = line.split_once(':')?;
        match header.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                name = parameter(value, "name");
                filename = parameter(value, "filename");
            }
            "content-type" => mime_type = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    Some(Part { name: name?, filename, mime_type, bytes: text.slice(end + 4..) })
}

/// A parameter of a header, in quotes or bare.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"b-1\"";

    #[test]
    fn fields_and_a_file_with_line_ends_in_it() {
        let body = "--b-1\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage/png\r\n\
                    --b-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                    Content-Type: image/png\r\n\r\nx\r\n\r\n--b\r\n--b-1--\r\n";
        let parts = parse(TYPE, &Bytes::from(body)).expect("a form");
        assert_eq!((parts[0].name.as_str(), parts[0].bytes.as_ref()), ("type", &b"image/png"[..]));
        assert_eq!(parts[1].filename.as_deref(), Some("a.png"));
        assert_eq!(parts[1].mime_type.as_deref(), Some("image/png"));
        assert_eq!(parts[1].bytes.as_ref(), b"x\r\n\r\n--b");
    }

    #[test]
    fn what_is_not_a_form_is_nothing() {
        for body in ["", "--b-1", "--b-1\r\nx", "--b-1\r\n\r\n--b-1--", "junk"] {
            assert!(parse(TYPE, &Bytes::from(body)).is_none(), "{body:?}");
        }
        assert!(parse("application/json; boundary=b", &Bytes::from("--b--")).is_none());
    }
}
