//! The templates every simulated account starts with: one of each kind that a client must handle.

use serde_json::{Value, json};

use super::Template;
use crate::meta::ids;

/// First contact, re-engagement, one with named variables, one still under review.
#[must_use]
pub fn seeds() -> Vec<Template> {
    vec![
        seed(
            ("initiate", "APPROVED", "MARKETING", "POSITIONAL"),
            json!([
                {"type": "BODY",
                 "text": "Hi {{1}}, thank you for your application. May we talk here?",
                 "example": {"body_text": [["Ana"]]}},
                {"type": "FOOTER", "text": "LinkoJob"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "QUICK_REPLY", "text": "Yes, please"},
                    {"type": "QUICK_REPLY", "text": "No, thank you"}]},
            ]),
        ),
        seed(
            ("reengage", "APPROVED", "UTILITY", "POSITIONAL"),
            json!([
                {"type": "BODY",
                 "text": "Hi {{1}}, there is news about your application. Shall we go on?",
                 "example": {"body_text": [["Ana"]]}},
            ]),
        ),
        seed(
            ("interview_reminder", "APPROVED", "UTILITY", "NAMED"),
            json!([
                {"type": "HEADER", "format": "TEXT", "text": "Your interview"},
                {"type": "BODY",
                 "text": "Hi {{candidate_name}}, we meet on {{interview_date}}.",
                 "example": {"body_text_named_params": [
                    {"param_name": "candidate_name", "example": "Ana"},
                    {"param_name": "interview_date", "example": "Monday, 10:00"}]}},
            ]),
        ),
        seed(
            ("offer_details", "PENDING", "UTILITY", "POSITIONAL"),
            json!([{"type": "BODY", "text": "Hi {{1}}, your offer is ready.",
                    "example": {"body_text": [["Ana"]]}}]),
        ),
    ]
}

fn seed(words: (&str, &str, &str, &str), components: Value) -> Template {
    let (name, status, category, format) = words;
    Template {
        id: ids::template_id(),
        name: name.to_owned(),
        language: String::from("en_US"),
        status: status.to_owned(),
        category: category.to_owned(),
        parameter_format: Some(format.to_owned()),
        quality: String::from("UNKNOWN"),
        components: components.as_array().cloned().unwrap_or_default(),
    }
}
