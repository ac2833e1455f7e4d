//! Looking into Meta's JSON without trusting its shape.
//!
//! Meta writes the same thing as a string here and as a number there. These look-ups take both, and
//! say `None` for everything else.
//!
//! Invariant: none of them panics or fails; absent, null and ill-typed are the same.

use serde_json::Value;

/// A text that is not empty; an integer counts as its digits.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::String(_)
        | Value::Number(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    }
}

/// A whole number, or the text of one.
pub(super) fn integer(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A finite number, or the text of one.
pub(super) fn decimal(value: &Value, key: &str) -> Option<f64> {
    let value = value.get(key)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

/// A yes or no.
pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

/// The elements of an array; none when it is not one.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// One line of at most `most` characters, for reasons that people read.
pub(super) fn line(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_their_texts_are_the_same() {
        let value = json!({"n": 7, "s": "7", "f": 7.5, "fs": "7.5", "e": "", "z": null, "o": {}});
        assert_eq!(text(&value, "n"), text(&value, "s"));
        assert_eq!(integer(&value, "n"), integer(&value, "s"));
        assert_eq!(decimal(&value, "f"), decimal(&value, "fs"));
        for nothing in ["e", "z", "o", "absent"] {
            assert_eq!(text(&value, nothing), None, "{nothing}");
            assert_eq!(integer(&value, nothing), None, "{nothing}");
        }
        assert_eq!(decimal(&json!({"x": "inf"}), "x"), None);
    }
}
