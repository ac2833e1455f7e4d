//! What a message may contain, by type.

use serde_json::Value;

use super::interactive;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::template::{self, fill};

/// Content that passed, with what a person will read.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) text: String,
    pub(super) content: Value,
    /// Category of the template, if it is one.
    pub(super) category: Option<String>,
}

/// Checks the object that is named like the type.
pub(super) fn check(account: &Account, kind: &str, content: &Value) -> Result<Checked, GraphError> {
    let text = match kind {
        "text" => text(content)?,
        "template" => return template(account, content),
        "image" | "video" | "document" => {
            format!("[{kind}] {}", media(kind, content, true)?).trim_end().to_owned()
        }
        "audio" | "sticker" => {
            media(kind, content, false)?;
            format!("[{kind}]")
        }
        "interactive" => interactive::check(required(content, kind)?)?,
        "reaction" => reaction(required(content, kind)?)?,
        "location" => location(required(content, kind)?)?,
        "contacts" => contacts(content)?,
        other => {
            return Err(GraphError::of(131_051).details(format!("Message type '{other}'")));
        }
    };
    Ok(Checked { text, content: content.clone(), category: None })
}

fn text(content: &Value) -> Result<String, GraphError> {
    let body = string(required(content, "text")?, "text", "body", 4096)?;
    let preview = &content["preview_url"];
    if !(preview.is_null() || preview.is_boolean()) {
        return Err(GraphError::parameter("Param text['preview_url'] must be a boolean"));
    }
    Ok(body)
}

fn media(kind: &str, content: &Value, caption_allowed: bool) -> Result<String, GraphError> {
    let content = required(content, kind)?;
    let id = content["id"].as_str().filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
    let link = content["link"].as_str().filter(|link| is_link(link));
    if id.is_some() == link.is_some() {
        return Err(GraphError::parameter(format!("Param {kind} must have either id or link")));
    }
    let caption = optional(content, kind, "caption", 1024)?;
    if !caption_allowed && !caption.is_empty() {
        return Err(GraphError::parameter(format!(
            "Unexpected key \"caption\" on param \"{kind}\""
        )));
    }
    let filename = optional(content, kind, "filename", 240)?;
    Ok([filename, caption].join(" ").trim().to_owned())
}

fn is_link(link: &str) -> bool {
    (link.starts_with("https://") || link.starts_with("http://")) && link.len() <= 2048
}

fn reaction(content: &Value) -> Result<String, GraphError> {
    string(content, "reaction", "message_id", 512)?;
    content["emoji"]
        .as_str()
        .filter(|emoji| emoji.chars().count() <= 16 && !emoji.is_ascii() || emoji.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| GraphError::of(131_009).details("reaction.emoji must be one emoji"))
}

fn location(content: &Value) -> Result<String, GraphError> {
    for (field, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = &content[field];
        if value.is_null() {
            return Err(missing(&format!("location['{field}']")));
        }
        let number = value.as_f64().or_else(|| value.as_str()?.parse::<f64>().ok());
        if number.is_none_or(|number| !(-limit..=limit).contains(&number)) {
            return Err(GraphError::of(131_009).details(format!("location.{field} is not valid")));
        }
    }
    let place = content["name"].as_str().or(content["address"].as_str()).unwrap_or_default();
    Ok(format!("[location] {place}").trim_end().to_owned())
}

fn contacts(content: &Value) -> Result<String, GraphError> {
    let contacts = content.as_array().ok_or_else(|| missing("contacts"))?;
    if !(1..=5).contains(&contacts.len()) {
        return Err(GraphError::parameter("Param contacts must have 1 to 5 elements"));
    }
    let mut names = Vec::with_capacity(contacts.len());
    for contact in contacts {
        let name = &contact["name"];
        names.push(string(name, "contacts[].name", "formatted_name", 1024)?);
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| name[*part].as_str().is_some_and(|part| !part.is_empty())) {
            return Err(missing("contacts[].name must have one more part than formatted_name"));
        }
    }
    Ok(format!("[contacts] {}", names.join(", ")))
}

fn template(account: &Account, content: &Value) -> Result<Checked, GraphError> {
    let content = required(content, "template")?;
    let name = string(content, "template", "name", 512)?;
    let language = string(&content["language"], "template['language']", "code", 16)?;
    let components = match &content["components"] {
        Value::Null => &[][..],
        Value::Array(components) => components,
        _ => {
            return Err(GraphError::parameter("Param template['components'] must be an array"));
        }
    };
    let template = template::sendable(&account.templates, &name, &language)?;
    let filled = fill(template, components)?;
    let mut shown = content.clone();
    shown["buttons"] = Value::Array(filled.buttons);
    Ok(Checked { text: filled.text, content: shown, category: Some(template.category.clone()) })
}

/// The object of a type; Meta misses it as a required parameter.
fn required<'a>(content: &'a Value, kind: &str) -> Result<&'a Value, GraphError> {
    if content.is_object() { Ok(content) } else { Err(missing(kind)) }
}

/// A string that must be there and not be too long.
pub(super) fn string(
    parent: &Value,
    path: &str,
    field: &str,
    limit: usize,
) -> Result<String, GraphError> {
    match optional(parent, path, field, limit)? {
        text if text.is_empty() => Err(missing(&format!("{path}['{field}']"))),
        text => Ok(text),
    }
}

/// A string that may be missing, but not be anything else or too long.
pub(super) fn optional(
    parent: &Value,
    path: &str,
    field: &str,
    limit: usize,
) -> Result<String, GraphError> {
    match &parent[field] {
        Value::Null => Ok(String::new()),
        Value::String(text) if text.chars().count() <= limit => Ok(text.clone()),
        Value::String(_) => Err(GraphError::parameter(format!(
            "Param {path}['{field}'] must be at most {limit} characters long."
        ))),
        _ => Err(GraphError::parameter(format!("Param {path}['{field}'] must be a string"))),
    }
}

/// 131008.
pub(super) fn missing(path: &str) -> GraphError {
    GraphError::of(131_008).details(format!("Parameter of type {path} is missing"))
}
