//! News of templates, which come true: status, quality, category, components.
//!
//! Invariant: ids are numbers here, beyond what a double holds exactly, and languages are spelled
//! with a hyphen, although the API spells them otherwise.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::merged;
use crate::meta::control::Problem;
use crate::meta::state::State as Memory;
use crate::meta::template::Template;

/// How long Meta warns before it changes a category.
const NOTICE_SECS: i64 = 30 * 86_400;

/// The template that is meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::meta::control) struct Named {
    name: String,
    language: Option<String>,
}

pub(super) fn prepare(
    state: &mut Memory,
    waba_id: &str,
    field: &str,
    different: Map<String, Value>,
    named: Option<Named>,
    now_secs: i64,
) -> Result<Value, Problem> {
    let waba = state.wabas.get_mut(waba_id).ok_or_else(|| Problem::missing("no such account"))?;
    let templates = Arc::make_mut(&mut waba.templates);
    let meant = |template: &Template| match &named {
        None => true,
        Some(Named { name, language }) => {
            *name == template.name
                && language.as_ref().is_none_or(|language| *language == template.language)
        }
    };
    let place = templates.iter().position(meant);
    let place = place.ok_or_else(|| Problem::missing("no such template"))?;
    let template = &mut templates[place];
    let value = match field {
        "message_template_quality_update" => quality(template, different),
        "template_category_update" => category(template, different, now_secs),
        "message_template_components_update" => components(template, different),
        _ => status(template, different),
    };
    if template.status == "DELETED" {
        templates.remove(place);
    }
    Ok(value)
}

/// What every one of them begins with.
fn begun(template: &Template) -> Value {
    json!({
        "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
        "message_template_name": template.name,
        "message_template_language": template.language.replace('_', "-"),
    })
}

fn status(template: &mut Template, different: Map<String, Value>) -> Value {
    let mut usual = begun(template);
    usual["event"] = json!("APPROVED");
    usual["reason"] = json!("NONE");
    usual["message_template_category"] = json!(template.category);
    let value = merged(usual, different);
    // A flag is a warning, and changes nothing yet.
    match value["event"].as_str() {
        Some("REINSTATED" | "UNARCHIVED") => template.status = String::from("APPROVED"),
        Some("FLAGGED") | None => {}
        Some(event) => event.clone_into(&mut template.status),
    }
    value
}

fn quality(template: &mut Template, different: Map<String, Value>) -> Value {
    let mut usual = begun(template);
    usual["previous_quality_score"] = json!(template.quality);
    usual["new_quality_score"] = json!("GREEN");
    let value = merged(usual, different);
    if let Some(score) = value["new_quality_score"].as_str() {
        score.clone_into(&mut template.quality);
    }
    value
}

/// With `correct_category` it is a warning, and `new_category` is, of all things, the current one.
fn category(template: &mut Template, different: Map<String, Value>, now_secs: i64) -> Value {
    let mut usual = begun(template);
    if different.contains_key("correct_category") {
        usual["new_category"] = json!(template.category);
        usual["category_update_timestamp"] = json!(now_secs + NOTICE_SECS);
        return merged(usual, different);
    }
    usual["previous_category"] = json!(template.category);
    usual["new_category"] = json!("MARKETING");
    let value = merged(usual, different);
    if let Some(category) = value["new_category"].as_str() {
        category.clone_into(&mut template.category);
    }
    value
}

fn components(template: &mut Template, different: Map<String, Value>) -> Value {
    const TEXTS: [(&str, &str); 3] = [
        ("HEADER", "message_template_title"),
        ("BODY", "message_template_element"),
        ("FOOTER", "message_template_footer"),
    ];
    let mut usual = begun(template);
    for (kind, field) in TEXTS {
        let text = template.text(kind);
        if !text.is_empty() {
            usual[field] = json!(text);
        }
    }
    let value = merged(usual, different);
    for (kind, field) in TEXTS {
        let text = &value[field];
        let component = template.components.iter_mut().find(|part| part["type"] == kind);
        if let Some(component) = component.filter(|_| text.is_string()) {
            component["text"] = text.clone();
        }
    }
    value
}
