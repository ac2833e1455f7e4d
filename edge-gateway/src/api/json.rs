//! JSON as it came: strict to read, canonical to compare.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Reads JSON in which no object has a field twice; programs disagree on which one counts.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Strict>(bytes).map(|Strict(value)| value)
}

/// SHA-256 over an endpoint and what was asked of it, whatever order and spacing it was written in.
pub(crate) fn fingerprint(endpoint: &str, body: &Value) -> Vec<u8> {
    let mut text = String::with_capacity(256);
    text.push_str(endpoint);
    text.push('\n');
    write(body, &mut text);
    Sha256::digest(text).to_vec()
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, item) in fields {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(item, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, Strict>()? {
            if all.contains_key(&name) {
                return Err(A::Error::custom("an object has a field twice"));
            }
            all.insert(name, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(text: &str) -> Vec<u8> {
        fingerprint("/x", &parse(text.as_bytes()).expect("json"))
    }

    #[test]
    fn order_and_spacing_do_not_matter_and_everything_else_does() {
        let one = print(r#"{"to":"+1","text":"a","v":{"b":1,"a":[1,2]}}"#);
        assert_eq!(one, print(r#" {"v": {"a":[1, 2],"b":1}, "text":"\u0061","to":"+1"}"#));
        assert_ne!(one, print(r#"{"to":"+1","text":"a","v":{"b":1,"a":[2,1]}}"#));
        assert_ne!(one, print(r#"{"to":"+1","text":"a","v":{"b":"1","a":[1,2]}}"#));
        assert_ne!(fingerprint("/x", &Value::Null), fingerprint("/y", &Value::Null));
    }

    #[test]
    fn doubled_fields_deep_nesting_and_lone_surrogates_are_refused() {
        let deep = "[".repeat(10_000);
        for wrong in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#, r#""\ud800""#, "{", &deep] {
            assert!(parse(wrong.as_bytes()).is_err());
        }
    }
}
