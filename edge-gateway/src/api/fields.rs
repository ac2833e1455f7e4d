//! Reads an object field by field and remembers everything that is wrong with it, so that a caller
//! learns of all faults at once, each with its name.

use serde_json::{Map, Value};

use crate::problem::{FieldError, Problem};

/// Reads one value or says, as the end of a sentence that begins with the field, what it must be.
pub(crate) type Check<T> = fn(Value) -> Result<T, &'static str>;

/// An object that is being read. Take every field that is known, then [`Fields::finish`].
#[derive(Debug)]
pub(crate) struct Fields {
    prefix: String,
    map: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// # Errors
    /// When the value is no object.
    pub(crate) fn new(value: Value) -> Result<Self, Problem> {
        match value {
            Value::Object(map) => Ok(Self { prefix: String::new(), map, errors: Vec::new() }),
            _ => Err(Problem::field("body", "must be a JSON object")),
        }
    }

    /// A field that must be there.
    pub(crate) fn required<T>(&mut self, name: &str, check: Check<T>) -> Option<T> {
        match self.map.remove(name) {
            None => {
                self.wrong(name, "is required");
                None
            }
            Some(value) => self.check(name, value, check),
        }
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T>(&mut self, name: &str, check: Check<T>) -> Option<T> {
        let value = self.map.remove(name).filter(|value| !value.is_null())?;
        self.check(name, value, check)
    }

    /// A field for which null says something: `Some(None)`.
    pub(crate) fn nullable<T>(&mut self, name: &str, check: Check<T>) -> Option<Option<T>> {
        match self.map.remove(name)? {
            Value::Null => Some(None),
            value => self.check(name, value, check).map(Some),
        }
    }

    /// An object within the object.
    pub(crate) fn object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let value = self.map.remove(name).filter(|value| !value.is_null())?;
        let Value::Object(map) = value else {
            self.wrong(name, "must be an object");
            return None;
        };
        let prefix = format!("{}{name}.", self.prefix);
        let mut inner = Self { prefix, map, errors: std::mem::take(&mut self.errors) };
        let made = read(&mut inner);
        inner.refuse_the_rest();
        self.errors = inner.errors;
        made
    }

    /// True when the field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// True when the field is there, null or not.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Remembers that a field is wrong.
    pub(crate) fn wrong(&mut self, name: &str, message: impl Into<String>) {
        let field = format!("{}{name}", self.prefix);
        self.errors.push(FieldError { field, message: message.into() });
    }

    /// Refuses the fields that nobody took; gives what was made when nothing is wrong.
    ///
    /// # Errors
    /// With every wrong field.
    pub(crate) fn finish<T>(mut self, made: impl FnOnce() -> Option<T>) -> Result<T, Problem> {
        self.refuse_the_rest();
        if !self.errors.is_empty() {
            return Err(Problem::fields(self.errors));
        }
        made().ok_or_else(|| Problem::unexpected("a request without faults could not be read"))
    }

    fn check<T>(&mut self, name: &str, value: Value, check: Check<T>) -> Option<T> {
        match check(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(name, message);
                None
            }
        }
    }

    fn refuse_the_rest(&mut self) {
        for (name, _) in std::mem::take(&mut self.map) {
            let shown: String = name.chars().take(64).collect();
            self.wrong(&shown, "is not known here");
        }
    }
}

/// Any string without NUL, which no store and no phone takes.
pub(crate) fn string(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) if text.contains('\0') => Err("must not contain NUL"),
        Value::String(text) => Ok(text),
        _ => Err("must be a string"),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: Value) -> Result<bool, &'static str> {
    value.as_bool().ok_or("must be true or false")
}

/// One of our ids; whether it exists, the core knows.
pub(crate) fn id(value: Value) -> Result<String, &'static str> {
    let text = string(value)?;
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits { Ok(text) } else { Err("must be an id") }
}

/// One of Meta's numeric ids.
pub(crate) fn meta_id(value: Value) -> Result<String, &'static str> {
    let text = string(value)?;
    let fits = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text) } else { Err("must be 1 to 32 digits") }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn all_faults_are_named_at_once_with_their_paths() {
        let mut fields =
            Fields::new(json!({"a": 1, "s": {"b": 2, "c": 3}, "z": null})).expect("object");
        fields.required("a", string);
        fields.required("missing", string);
        fields.object("s", |inner| inner.optional("b", boolean));
        let problem = fields.finish(|| Some(())).expect_err("wrong");
        let body = format!("{problem:?}");
        for field in ["\"a\"", "\"missing\"", "\"s.b\"", "\"s.c\"", "\"z\""] {
            assert!(body.contains(&format!("field: {field}")), "{field}: {body}");
        }
        assert_eq!(problem.into_response().status(), 400);
    }
}
