//! What a caller wants of a file, and what it has already.
//!
//! Invariant: a header that is not understood asks for the whole file, as HTTP wants it.

use axum::http::{
    HeaderMap, HeaderName,
    header::{IF_NONE_MATCH, IF_RANGE, RANGE},
};
use linkojob_proto::v1::ByteRange;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Asked {
    /// A single range.
    pub(super) range: Option<ByteRange>,
    /// The digest that it counts for; empty: any.
    pub(super) range_of: String,
    /// The tags that it has; `*` for any.
    tags: Vec<String>,
}

impl Asked {
    /// Reads the headers.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags = tags.flat_map(|list| list.split(',')).map(|tag| tag.trim().to_owned()).collect();
        let (mut range, mut range_of) = (only(headers, &RANGE).and_then(range), String::new());
        if headers.contains_key(IF_RANGE) {
            match only(headers, &IF_RANGE).and_then(strong) {
                Some(digest) => digest.clone_into(&mut range_of),
                // A time, or a tag that says less than "the same bytes".
                None => range = None,
            }
        }
        Self { range, range_of, tags }
    }

    /// True when the caller has the file of this digest.
    pub(super) fn has(&self, digest: &str) -> bool {
        let same =
            |tag: &str| tag == "*" || strong(tag.strip_prefix("W/").unwrap_or(tag)) == Some(digest);
        self.tags.iter().any(|tag| same(tag))
    }
}

/// A header that stands once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// What stands in a strong tag.
fn strong(tag: &str) -> Option<&str> {
    let inner = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!inner.is_empty() && !inner.contains('"')).then_some(inner)
}

/// One range of bytes; none for several of them, other units, and what is no range.
fn range(text: &str) -> Option<ByteRange> {
    let (unit, set) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    match (first, last) {
        (None, None) => None,
        (Some(first), Some(last)) if last < first => None,
        (first, last) => Some(ByteRange { first, last }),
    }
}

/// Digits, or nothing at all; a number too large to be one is the largest.
fn number(text: &str) -> Option<Option<i64>> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((!text.is_empty()).then(|| text.parse().unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(headers: &[(HeaderName, &str)]) -> Asked {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        let mut map = HeaderMap::new();
        for (name, text) in headers {
            map.append(name, value(text));
        }
        Asked::read(&map)
    }

    fn bytes(first: Option<i64>, last: Option<i64>) -> Option<ByteRange> {
        Some(ByteRange { first, last })
    }

    #[test]
    fn a_single_range_is_read_and_nothing_else() {
        let table = [
            ("bytes=0-", bytes(Some(0), None)),
            ("bytes=5-9", bytes(Some(5), Some(9))),
            ("bytes=-3", bytes(None, Some(3))),
            ("Bytes = 0 - 1 ", bytes(Some(0), Some(1))),
            ("bytes=99999999999999999999-", bytes(Some(i64::MAX), None)),
            ("bytes=-", None),
            ("bytes=9-5", None),
            ("bytes=0-1,4-5", None),
            ("bytes=a-b", None),
            ("bytes=--1", None),
            ("bytes=+1-2", None),
            ("bytes", None),
            ("lines=0-1", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(asked(&[(RANGE, text)]).range, expected, "{text}");
        }
        assert_eq!(asked(&[(RANGE, "bytes=0-1"), (RANGE, "bytes=2-3")]).range, None);
    }

    #[test]
    fn a_range_may_count_for_the_same_bytes_only() {
        let of = |tag: &str| asked(&[(RANGE, "bytes=0-1"), (IF_RANGE, tag)]);
        assert_eq!(of("\"00ff\"").range_of, "00ff");
        assert!(of("\"00ff\"").range.is_some());
        for tag in ["W/\"00ff\"", "00ff", "\"\"", "Sat, 01 Jan 2028 00:00:00 GMT", ""] {
            assert_eq!(of(tag), Asked::default(), "{tag}");
        }
    }

    #[test]
    fn who_has_it_is_told_so() {
        for tags in ["\"00ff\"", "W/\"00ff\"", "\"a\", \"00ff\"", "*"] {
            assert!(asked(&[(IF_NONE_MATCH, tags)]).has("00ff"), "{tags}");
        }
        for tags in ["", "00ff", "\"00FF\"", "\"a\",\"b\""] {
            assert!(!asked(&[(IF_NONE_MATCH, tags)]).has("00ff"), "{tags}");
        }
        assert!(asked(&[(IF_NONE_MATCH, "\"a\""), (IF_NONE_MATCH, "\"b\"")]).has("b"));
        assert!(!Asked::default().has("00ff"));
    }
}
