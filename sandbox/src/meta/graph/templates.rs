//! `GET /{waba}/message_templates`.

use axum::extract::{Path, State};
use serde_json::Value;

use super::answer::Answer;
use super::auth::Caller;
use super::fields;
use super::page::Asked;
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::template::Template;

const DEFAULT_FIELDS: [&str; 7] =
    ["name", "parameter_format", "components", "language", "status", "category", "sub_category"];

pub(super) async fn list(
    State(world): State<World>,
    caller: Caller,
    Path((_, waba_id)): Path<(String, String)>,
    asked: Asked,
) -> Result<Answer, GraphError> {
    let templates = {
        let mut state = world.state();
        caller.waba(&mut state, "GET", &waba_id)?.templates.clone()
    };
    let nodes = templates
        .iter()
        .filter(|template| is_asked_for(template, &asked))
        .map(|template| select(&template.to_node(), asked.get("fields")))
        .collect::<Result<Vec<Value>, _>>()?;
    Ok(Answer(asked.page(&nodes)?))
}

fn is_asked_for(template: &Template, asked: &Asked) -> bool {
    let Template {
        name,
        language,
        status,
        category,
        id: _,
        parameter_format: _,
        quality: _,
        components: _,
    } = template;
    // Meta finds names by any part of them, and everything else exactly.
    asked.get("name").is_none_or(|part| name.contains(part))
        && asked.get("language").is_none_or(|wanted| wanted == language)
        && asked.get("status").is_none_or(|wanted| wanted == status)
        && asked.get("category").is_none_or(|wanted| wanted == category)
}

/// The fields of a template that were asked for.
pub(super) fn select(node: &Value, asked: Option<&str>) -> Result<Value, GraphError> {
    let mut node = node.clone();
    if node.get("parameter_format").is_none() {
        node["parameter_format"] = Value::Null;
    }
    fields::select(&node, "WhatsAppMessageTemplate", asked, &DEFAULT_FIELDS)
}
