//! The API as its own document tells it: every operation, and every field that carries text.

use serde_json::Value;

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: reqwest::Method,
    /// As the document writes it, such as `/api/messages/{id}`.
    pub path: String,
    pub fields: Vec<Field>,
    /// How its body is written; none without one.
    pub body: Option<Form>,
    pub face: Face,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Urlencoded,
}

/// What a caller asks to talk through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Answer,
    /// Server-sent events.
    Stream,
    /// A browser, which is sent on.
    Page,
    /// A WebSocket.
    Socket,
}

/// A field of a request, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub place: Place,
    /// In a body from its top on, such as `template.name`.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Cookie,
    Body,
}

impl Operation {
    /// Every operation of the document.
    pub fn all(document: &Value) -> Vec<Self> {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, told) in item.as_object().expect("operations") {
                let method = method.to_uppercase().parse().expect("a method");
                let operation = Self::read(document, method, path, told);
                let responses = &told["responses"];
                if responses["200"]["content"].get("text/event-stream").is_some() {
                    operations.push(Self { face: Face::Stream, ..operation.clone() });
                }
                if responses.get("303").is_some() {
                    operations.push(Self { face: Face::Page, ..operation.clone() });
                }
                operations.push(operation);
            }
        }
        operations
    }

    fn read(document: &Value, method: reqwest::Method, path: &str, told: &Value) -> Self {
        let mut fields = Vec::new();
        for parameter in told["parameters"].as_array().into_iter().flatten() {
            let place = match parameter["in"].as_str() {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                Some("header") => Place::Header,
                Some("cookie") => Place::Cookie,
                other => panic!("{path}: a parameter in {other:?} is not covered"),
            };
            let name = parameter["name"].as_str().expect("a name").to_owned();
            if carries_text(&parameter["schema"]) {
                fields.push(Field { place, name });
            }
        }
        let content = told["requestBody"]["content"].as_object();
        let body = content.map(|content| {
            let (kind, told) = content.iter().next().expect("a kind of content");
            assert_eq!(content.len(), 1, "{path}: several kinds of content are not covered");
            walk(document, &told["schema"], "", &mut fields);
            match kind.as_str() {
                "application/json" => Form::Json,
                "application/x-www-form-urlencoded" => Form::Urlencoded,
                other => panic!("{path}: {other} is not covered"),
            }
        });
        let upgrades = told["responses"].get("101").is_some();
        let face = if upgrades { Face::Socket } else { Face::Answer };
        Self { method, path: path.to_owned(), fields, body, face }
    }

    /// Its name in what the test says.
    pub fn name(&self) -> String {
        let Self { method, path, face, .. } = self;
        let face = match face {
            Face::Answer | Face::Socket => "",
            Face::Stream => " (stream)",
            Face::Page => " (page)",
        };
        format!("{method} {path}{face}")
    }
}

/// Finds the fields of a body; one without named fields is a field by itself.
fn walk(document: &Value, schema: &Value, above: &str, fields: &mut Vec<Field>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        let target = document.pointer(pointer).expect("what it refers to");
        return walk(document, target, above, fields);
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, inner) in properties {
            let dot = if above.is_empty() { "" } else { "." };
            walk(document, inner, &format!("{above}{dot}{name}"), fields);
        }
        return;
    }
    let choices = ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[word].as_array());
    let choices: Vec<&Value> = choices.flatten().filter(|one| one["type"] != "null").collect();
    if !choices.is_empty() {
        choices.into_iter().for_each(|choice| walk(document, choice, above, fields));
        return;
    }
    let empty = schema["type"] == "object" && schema["additionalProperties"] == false;
    let field = Field { place: Place::Body, name: above.to_owned() };
    if carries_text(schema) && !empty && !fields.contains(&field) {
        fields.push(field);
    }
}

/// False for numbers and flags, which name nothing.
fn carries_text(schema: &Value) -> bool {
    let named =
        |kind: &Value| matches!(kind.as_str(), Some("boolean" | "integer" | "number" | "null"));
    match &schema["type"] {
        Value::Array(kinds) => !kinds.iter().all(named),
        kind => !named(kind),
    }
}
