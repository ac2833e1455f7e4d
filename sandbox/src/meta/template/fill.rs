//! Checks the parameters of a template send as Meta does, and renders what the person will read.

use serde_json::{Value, json};

use super::{Template, variables};
use crate::meta::error::GraphError;

/// A template with its variables replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// Header, body and footer as one readable text.
    pub text: String,
    /// Buttons a person may tap: `{type, text, payload?}`.
    pub buttons: Vec<Value>,
}

const BODY_LIMIT: usize = 1024;

/// Fills `template` with the `components` of a send.
///
/// # Errors
/// 132000 for a wrong number of parameters, 132012 for a wrong kind or name, 132018 for text that a
/// parameter may not contain, 132005 when the result is too long.
pub fn fill(template: &Template, components: &[Value]) -> Result<Filled, GraphError> {
    for component in components {
        let kind = component["type"].as_str().unwrap_or_default().to_ascii_lowercase();
        if !matches!(
            kind.as_str(),
            "header" | "body" | "button" | "carousel" | "limited_time_offer"
        ) {
            return Err(format_mismatch(format!("unknown component type '{kind}'")));
        }
    }
    let header = fill_header(template, parameters(components, "header"))?;
    let body = fill_text(template, "body", parameters(components, "body"))?;
    if body.chars().count() > BODY_LIMIT {
        return Err(GraphError::of(132_005).details("body: the translated text is too long"));
    }
    let footer = template.text("FOOTER").to_owned();
    let parts: Vec<String> =
        [header, body, footer].into_iter().filter(|part| !part.is_empty()).collect();
    Ok(Filled { text: parts.join("\n"), buttons: fill_buttons(template, components)? })
}

fn parameters<'a>(components: &'a [Value], kind: &str) -> &'a [Value] {
    components
        .iter()
        .find(|component| component["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind)))
        .and_then(|component| component["parameters"].as_array())
        .map_or(&[], Vec::as_slice)
}

fn fill_header(template: &Template, given: &[Value]) -> Result<String, GraphError> {
    let format = template.component("HEADER").and_then(|header| header["format"].as_str());
    let Some(media) = format.filter(|format| *format != "TEXT") else {
        return fill_text(template, "header", given);
    };
    let kind = media.to_ascii_lowercase();
    if given.len() != 1 {
        return Err(count_mismatch("header", given.len(), 1));
    }
    if given[0]["type"] != kind.as_str() || !given[0][kind.as_str()].is_object() {
        return Err(format_mismatch(format!("header: a parameter of type {kind} is expected")));
    }
    Ok(format!("[{kind}]"))
}

fn fill_text(template: &Template, kind: &str, given: &[Value]) -> Result<String, GraphError> {
    let mut text = template.text(&kind.to_ascii_uppercase()).to_owned();
    let pattern = text.clone();
    let expected = variables(&pattern);
    if given.len() != expected.len() {
        return Err(count_mismatch(kind, given.len(), expected.len()));
    }
    for (position, parameter) in given.iter().enumerate() {
        let value = parameter_text(kind, parameter)?;
        let name = match (template.is_named(), parameter["parameter_name"].as_str()) {
            (true, Some(name)) if expected.contains(&name) => name.to_owned(),
            (true, Some(name)) => {
                return Err(format_mismatch(format!("{kind}: unknown parameter name '{name}'")));
            }
            (true, None) => {
                return Err(format_mismatch(format!("{kind}: parameter name is missing or empty")));
            }
            (false, Some(_)) => {
                return Err(format_mismatch(format!("{kind}: parameters are positional")));
            }
            (false, None) => (position + 1).to_string(),
        };
        text = text.replace(&format!("{{{{{name}}}}}"), &value);
    }
    // A name given twice leaves another variable open, although the count was right.
    match variables(&pattern).iter().find(|name| text.contains(&format!("{{{{{name}}}}}"))) {
        Some(name) => Err(format_mismatch(format!("{kind}: no value for '{name}'"))),
        None => Ok(text),
    }
}

fn parameter_text(kind: &str, parameter: &Value) -> Result<String, GraphError> {
    let value = match parameter["type"].as_str() {
        Some("text") => &parameter["text"],
        Some("currency") => &parameter["currency"]["fallback_value"],
        Some("date_time") => &parameter["date_time"]["fallback_value"],
        _ => {
            return Err(format_mismatch(format!("{kind}: parameter type is not supported")));
        }
    };
    let value = value
        .as_str()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format_mismatch(format!("{kind}: parameter text is missing or empty")))?;
    if value.contains(['\n', '\t', '\r']) || value.contains("     ") {
        return Err(GraphError::of(132_018).details(
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        ));
    }
    Ok(value.to_owned())
}

fn fill_buttons(template: &Template, components: &[Value]) -> Result<Vec<Value>, GraphError> {
    let buttons = template
        .component("BUTTONS")
        .and_then(|component| component["buttons"].as_array())
        .map_or(&[][..], Vec::as_slice);
    let mut filled = Vec::with_capacity(buttons.len());
    for (index, button) in buttons.iter().enumerate() {
        let given = components.iter().find(|component| button_index(component) == Some(index));
        let parameter = given.map(|component| &component["parameters"][0]);
        let mut shown = json!({"type": button["type"], "text": button["text"]});
        if let Some(url) = button["url"].as_str() {
            let wanted = variables(url).len();
            let value = parameter.and_then(|parameter| parameter["text"].as_str());
            match (wanted, value) {
                (0, _) => shown["url"] = json!(url),
                (_, Some(value)) => shown["url"] = json!(url.replace("{{1}}", value)),
                (_, None) => return Err(count_mismatch("button", 0, wanted)),
            }
        } else if button["type"] == "QUICK_REPLY" {
            let payload = parameter.and_then(|parameter| parameter["payload"].as_str());
            shown["payload"] = json!(payload.or(button["text"].as_str()));
        }
        filled.push(shown);
    }
    let stray = components.iter().filter_map(button_index).find(|index| *index >= buttons.len());
    match stray {
        Some(index) => Err(GraphError::of(131_009).details(format!("no button at index {index}"))),
        None => Ok(filled),
    }
}

/// The index of a button component; Meta takes it as a string and as a number.
fn button_index(component: &Value) -> Option<usize> {
    if !component["type"].as_str()?.eq_ignore_ascii_case("button") {
        return None;
    }
    match &component["index"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|index| usize::try_from(index).ok()),
    }
}

fn count_mismatch(kind: &str, given: usize, expected: usize) -> GraphError {
    GraphError::of(132_000).details(format!(
        "{kind}: number of localizable_params ({given}) does not match the expected number of \
         params ({expected})"
    ))
}

fn format_mismatch(details: String) -> GraphError {
    GraphError::of(132_012).details(details)
}

#[cfg(test)]
mod tests {
    use super::super::{seeds, sendable};
    use super::*;

    fn filled(name: &str, components: Value) -> Result<Filled, u32> {
        let seeds = seeds();
        let template = sendable(&seeds, name, "en_US").map_err(|error| error.code())?;
        let components = components.as_array().cloned().unwrap_or_default();
        fill(template, &components).map_err(|error| error.code())
    }

    #[test]
    fn a_person_reads_the_template_with_their_name() {
        let body = json!([{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]);
        let filled = filled("initiate", body).expect("fills");
        assert_eq!(
            filled.text,
            "Hi Ana, thank you for your application. May we talk here?\nLinkoJob"
        );
        assert_eq!(filled.buttons[0]["payload"], "Yes, please");
    }

    #[test]
    fn named_variables_are_filled_by_name() {
        let body = json!([{"type": "body", "parameters": [
            {"type": "text", "parameter_name": "interview_date", "text": "Monday"},
            {"type": "text", "parameter_name": "candidate_name", "text": "Ana"}]}]);
        let filled = filled("interview_reminder", body).expect("fills");
        assert_eq!(filled.text, "Your interview\nHi Ana, we meet on Monday.");
    }

    #[test]
    fn wrong_parameters_have_metas_codes() {
        let text = |text: &str| json!({"type": "text", "text": text});
        let body = |parameters: Value| json!([{"type": "body", "parameters": parameters}]);
        let twice = json!([
            {"type": "text", "parameter_name": "candidate_name", "text": "Ana"},
            {"type": "text", "parameter_name": "candidate_name", "text": "Ana"}]);
        let named = json!([{"type": "text", "parameter_name": "x", "text": "Ana"}]);
        let cases = [
            ("initiate", json!([]), 132_000),
            ("initiate", body(json!([text("a"), text("b")])), 132_000),
            ("initiate", body(json!([text("two\nlines")])), 132_018),
            ("initiate", body(named), 132_012),
            ("initiate", body(json!([{"type": "image"}])), 132_012),
            ("interview_reminder", body(json!([text("a"), text("b")])), 132_012),
            ("interview_reminder", body(twice), 132_012),
            ("offer_details", body(json!([text("Ana")])), 132_001),
            ("nothing", body(json!([text("Ana")])), 132_001),
        ];
        for (name, components, code) in cases {
            assert_eq!(filled(name, components.clone()), Err(code), "{name} {components}");
        }
    }
}
