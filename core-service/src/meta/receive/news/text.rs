//! Meta's words for people to read.

use serde_json::Value;

use super::{super::super::peek, LINE};

/// A text as one line; empty counts as absent.
pub(super) fn line(value: &Value, key: &str) -> Option<String> {
    let line = peek::line(&peek::text(value, key)?, LINE);
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A word of Meta's spelled for people: `SOME_REASON` is "some reason".
pub(super) fn spelled(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

/// A word of Meta's that says something; `NONE` does not.
pub(super) fn word(value: &Value, key: &str) -> Option<String> {
    line(value, key).filter(|word| !word.eq_ignore_ascii_case("NONE"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_lines_and_short() {
        let value = json!({"a": " one\ntwo\u{0} ", "b": "  ", "n": "none", "l": "x".repeat(5_000)});
        assert_eq!(line(&value, "a").as_deref(), Some("one two"));
        assert_eq!((line(&value, "b"), word(&value, "n")), (None, None));
        assert_eq!(line(&value, "l").unwrap().len(), LINE);
        assert_eq!(spelled("BUSINESS_DOWNGRADE"), "business downgrade");
    }
}
