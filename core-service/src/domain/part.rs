//! A part of a file, as somebody asks for it.
//!
//! Invariant: what comes of it lies within the file and has a byte in it, unless the file has none.

use std::ops::Range;

/// Which bytes of a file. The default is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Which; all when `None`.
    pub bytes: Option<Bytes>,
    /// It counts only while the file has this digest: else all of the file is meant.
    pub only_of: Option<String>,
}

/// Bytes of a file, counted as HTTP does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// From this one to the end.
    From(u64),
    /// From one to another, which is included.
    Between(u64, u64),
    /// So many of the end.
    Last(u64),
}

impl Part {
    /// The bytes of a file of this size and digest; `None` when it has no such bytes.
    pub fn of(&self, size: u64, digest: &str) -> Option<Range<u64>> {
        let other = self.only_of.as_deref().is_some_and(|wanted| wanted != digest);
        let Some(bytes) = self.bytes.filter(|_| !other) else { return Some(0..size) };
        let range = match bytes {
            Bytes::From(first) => first..size,
            Bytes::Between(first, last) => first..last.saturating_add(1).min(size),
            Bytes::Last(count) => size.saturating_sub(count)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_within_the_file() {
        let table = [
            (Bytes::From(0), Some(0..10)),
            (Bytes::From(9), Some(9..10)),
            (Bytes::From(10), None),
            (Bytes::From(u64::MAX), None),
            (Bytes::Between(0, 0), Some(0..1)),
            (Bytes::Between(2, 4), Some(2..5)),
            (Bytes::Between(2, 99), Some(2..10)),
            (Bytes::Between(2, u64::MAX), Some(2..10)),
            (Bytes::Between(4, 2), None),
            (Bytes::Between(10, 12), None),
            (Bytes::Last(3), Some(7..10)),
            (Bytes::Last(99), Some(0..10)),
            (Bytes::Last(0), None),
        ];
        for (bytes, expected) in table {
            let part = Part { bytes: Some(bytes), only_of: None };
            assert_eq!(part.of(10, "00ff"), expected, "{bytes:?}");
            let same = Part { only_of: Some("00ff".to_owned()), ..part.clone() };
            assert_eq!(same.of(10, "00ff"), expected, "{bytes:?}");
            let other = Part { only_of: Some("ff00".to_owned()), ..part };
            assert_eq!(other.of(10, "00ff"), Some(0..10), "{bytes:?}");
        }
        assert_eq!(Part::default().of(10, ""), Some(0..10));
        assert_eq!(Part::default().of(0, ""), Some(0..0));
        assert_eq!(Part { bytes: Some(Bytes::From(0)), only_of: None }.of(0, ""), None);
    }
}
