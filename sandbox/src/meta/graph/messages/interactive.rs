//! Interactive messages: reply buttons, lists, links and requests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::content::{missing, optional, string};
use crate::meta::error::GraphError;

/// Checks the object, and answers what a person reads.
pub(super) fn check(interactive: &Value) -> Result<String, GraphError> {
    let kind = string(interactive, "interactive", "type", 64)?;
    let body = string(&interactive["body"], "interactive['body']", "text", 1024)?;
    optional(&interactive["footer"], "interactive['footer']", "text", 60)?;
    header(&interactive["header"], &kind)?;
    let action = &interactive["action"];
    match kind.as_str() {
        "button" => buttons(action)?,
        "list" => list(action)?,
        "cta_url" => {
            let parameters = &action["parameters"];
            string(parameters, "interactive['action']['parameters']", "display_text", 20)?;
            string(parameters, "interactive['action']['parameters']", "url", 2000)?;
        }
        "location_request_message"
        | "request_contact_info"
        | "call_permission_request"
        | "flow"
        | "product"
        | "product_list" => {
            if !action.is_object() {
                return Err(missing("interactive['action']"));
            }
        }
        other => {
            return Err(GraphError::of(131_009).details(format!("interactive.type '{other}'")));
        }
    }
    Ok(body)
}

fn header(header: &Value, kind: &str) -> Result<(), GraphError> {
    let Some(format) = header["type"].as_str() else {
        return if header.is_null() {
            Ok(())
        } else {
            Err(missing("interactive['header']['type']"))
        };
    };
    match format {
        "text" => string(header, "interactive['header']", "text", 60).map(|_| ()),
        "image" | "video" | "document" if kind != "list" => Ok(()),
        _ => Err(GraphError::of(131_009).details("interactive.header.type is not allowed here")),
    }
}

fn buttons(action: &Value) -> Result<(), GraphError> {
    let buttons = action["buttons"].as_array().ok_or_else(|| missing("interactive['action']"))?;
    if !(1..=3).contains(&buttons.len()) {
        return Err(GraphError::of(131_009).details("1 to 3 buttons are allowed"));
    }
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for button in buttons {
        let reply = &button["reply"];
        ids.insert(string(reply, "interactive['action']['buttons'][]", "id", 256)?);
        titles.insert(string(reply, "interactive['action']['buttons'][]", "title", 20)?);
    }
    if ids.len() < buttons.len() || titles.len() < buttons.len() {
        return Err(GraphError::of(131_009).details("Ids and titles of buttons must be unique"));
    }
    Ok(())
}

fn list(action: &Value) -> Result<(), GraphError> {
    string(action, "interactive['action']", "button", 20)?;
    let sections = action["sections"].as_array().ok_or_else(|| missing("sections"))?;
    if !(1..=10).contains(&sections.len()) {
        return Err(GraphError::of(131_009).details("1 to 10 sections are allowed"));
    }
    let (mut ids, mut rows) = (BTreeSet::new(), 0usize);
    for section in sections {
        let title = optional(section, "sections[]", "title", 24)?;
        if title.is_empty() && sections.len() > 1 {
            return Err(missing("sections[]['title']"));
        }
        for row in section["rows"].as_array().ok_or_else(|| missing("sections[]['rows']"))? {
            ids.insert(string(row, "sections[]['rows'][]", "id", 200)?);
            string(row, "sections[]['rows'][]", "title", 24)?;
            optional(row, "sections[]['rows'][]", "description", 72)?;
            rows += 1;
        }
    }
    if !(1..=10).contains(&rows) {
        return Err(GraphError::of(131_009).details("1 to 10 rows are allowed in all sections"));
    }
    if ids.len() < rows {
        return Err(GraphError::of(131_009).details("Ids of rows must be unique"));
    }
    Ok(())
}
