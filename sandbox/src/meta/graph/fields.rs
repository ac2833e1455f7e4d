//! The `fields` parameter of Graph reads.

use serde_json::{Map, Value, json};

use crate::meta::error::GraphError;

/// Keeps the fields that were asked for, or the default ones; `id` is always there.
pub(super) fn select(
    node: &Value,
    kind: &str,
    asked: Option<&str>,
    default: &[&str],
) -> Result<Value, GraphError> {
    let asked = asked.map(str::trim).filter(|asked| !asked.is_empty());
    let names: Vec<String> = match asked {
        Some(asked) => split(asked),
        None => default.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut chosen = Map::new();
    for name in names {
        let value = node.get(&name).ok_or_else(|| {
            GraphError::parameter(format!(
                "Tried accessing nonexisting field ({name}) on node type ({kind})"
            ))
        })?;
        // A field that this object has no value for is simply not shown.
        if !value.is_null() {
            chosen.insert(name, value.clone());
        }
    }
    chosen.insert(String::from("id"), node.get("id").cloned().unwrap_or_else(|| json!("0")));
    Ok(Value::Object(chosen))
}

/// Splits at commas outside braces, and drops what the braces select inside a field.
fn split(asked: &str) -> Vec<String> {
    let (mut names, mut name, mut depth) = (Vec::new(), String::new(), 0u32);
    for c in asked.chars() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            c if depth == 0 && !c.is_whitespace() => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_belong_to_their_field() {
        assert_eq!(split("id, throughput{level,x},status"), ["id", "throughput", "status"]);
    }
}
