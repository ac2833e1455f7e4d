//! Message templates of an account: their shape, what they expect, and how they read when filled.
//!
//! Invariant: `components` are kept as Meta lists them; everything else is computed from them.

mod fill;
mod seeds;

pub use fill::{Filled, fill};
pub use seeds::seeds;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::GraphError;

/// One template in one language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Template {
    /// Meta's id.
    #[serde(default = "super::ids::template_id")]
    pub id: String,
    /// Name, shared by all languages.
    pub name: String,
    /// Language such as `en_US`.
    pub language: String,
    /// `APPROVED`, `PENDING`, `PAUSED`, …
    #[serde(default = "approved")]
    pub status: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[serde(default = "utility")]
    pub category: String,
    /// `POSITIONAL` or `NAMED`; Meta leaves it out on old templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(default = "unknown")]
    pub quality: String,
    /// Header, body, footer, buttons.
    pub components: Vec<Value>,
}

fn approved() -> String {
    String::from("APPROVED")
}

fn utility() -> String {
    String::from("UTILITY")
}

fn unknown() -> String {
    String::from("UNKNOWN")
}

impl Template {
    /// The node as the Graph API shows it.
    #[must_use]
    pub fn to_node(&self) -> Value {
        let Self { id, name, language, status, category, parameter_format, quality, components } =
            self;
        let mut node = json!({
            "id": id, "name": name, "language": language, "status": status, "category": category,
            "sub_category": "CUSTOM", "components": components, "rejected_reason": "NONE",
            "quality_score": {"score": quality, "date": 1_760_000_000},
        });
        if let Some(format) = parameter_format {
            node["parameter_format"] = json!(format);
        }
        node
    }

    /// The component of this type (`HEADER`, `BODY`, `FOOTER`, `BUTTONS`).
    #[must_use]
    pub fn component(&self, kind: &str) -> Option<&Value> {
        self.components.iter().find(|component| {
            component["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind))
        })
    }

    /// Text of a component, empty when it has none.
    #[must_use]
    pub fn text(&self, kind: &str) -> &str {
        self.component(kind).and_then(|component| component["text"].as_str()).unwrap_or_default()
    }

    fn is_named(&self) -> bool {
        self.parameter_format.as_deref() == Some("NAMED")
    }
}

/// Finds what a send may use.
///
/// # Errors
/// 132001, 132015 or 132016, as Meta answers for templates that are unknown, pending or stopped.
pub fn sendable<'a>(
    templates: &'a [Template],
    name: &str,
    language: &str,
) -> Result<&'a Template, GraphError> {
    let found = templates.iter().find(|t| t.name == name && t.language == language);
    let missing = || {
        GraphError::of(132_001)
            .details(format!("template name ({name}) does not exist in {language}"))
    };
    let template = found.ok_or_else(missing)?;
    match template.status.as_str() {
        "APPROVED" => Ok(template),
        "PAUSED" => Err(GraphError::of(132_015).details("The template is paused")),
        "DISABLED" => Err(GraphError::of(132_016).details("The template is disabled")),
        _ => Err(missing()),
    }
}

/// The variables of a text, each once, in order of appearance.
fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        let name = rest[start + 2..start + length].trim();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = &rest[start + length + 2..];
    }
    found
}
