//! The templates of an account, as Meta describes them.
//!
//! Invariant: a word that this version does not know is kept as it is. A template that lacks what
//! names it is left out, and that is said in the log.

mod placeholders;

use serde_json::Value;

use super::{Meta, error::MetaError, peek, token::Token};
use crate::domain::{ids::WabaId, template::TemplateDefinition};

/// What is asked of a template.
const FIELDS: &str = "id,name,language,status,category,parameter_format,components,quality_score,\
                      rejected_reason";
/// The most templates that Meta lets an account have.
const TEMPLATES: usize = 6_000;

impl Meta {
    /// All templates of an account, in every language.
    ///
    /// # Errors
    /// [`MetaError`]; also when the list does not end.
    pub async fn templates(
        &self,
        token: &Token,
        waba: &WabaId,
    ) -> Result<Vec<TemplateDefinition>, MetaError> {
        let path = [waba.as_str(), "message_templates"];
        let found = self.graph.list(token, &path, FIELDS, TEMPLATES).await?;
        let templates: Vec<_> = found.iter().filter_map(definition).collect();
        let nameless = found.len() - templates.len();
        if nameless > 0 {
            tracing::warn!(waba.id = %waba, nameless, "templates without id, name or language");
        }
        Ok(templates)
    }
}

fn definition(template: &Value) -> Option<TemplateDefinition> {
    let components = peek::list(template, "components");
    let body = components
        .iter()
        .find(|part| peek::text(part, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("BODY")))
        .and_then(|part| peek::text(part, "text"))
        .unwrap_or_default();
    let found = placeholders::of(&body);
    let named = match peek::text(template, "parameter_format").as_deref() {
        Some("NAMED") => true,
        Some("POSITIONAL") => false,
        // Old templates do not say; names speak for themselves.
        Some(_) | None => found.iter().any(|name| !placeholders::is_number(name)),
    };
    Some(TemplateDefinition {
        meta_id: peek::text(template, "id")?,
        name: peek::text(template, "name")?,
        language: peek::text(template, "language")?,
        category: peek::text(template, "category").unwrap_or_default(),
        status: peek::text(template, "status").unwrap_or_default(),
        named,
        body,
        parameters: if named { found } else { placeholders::by_number(found) },
        components: Value::from(components).to_string(),
        quality: template.get("quality_score").and_then(|quality| peek::text(quality, "score")),
        rejected_reason: peek::text(template, "rejected_reason").filter(|reason| reason != "NONE"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(extra: &Value) -> Value {
        let mut template = json!({"id": "1387", "name": "initiate", "language": "en_US"});
        let (Some(all), Some(extra)) = (template.as_object_mut(), extra.as_object()) else {
            panic!("both are objects");
        };
        all.extend(extra.clone());
        template
    }

    fn body(text: &str) -> Value {
        json!([{"type": "HEADER", "format": "TEXT", "text": "{{9}}"}, {"type": "BODY", "text": text}])
    }

    #[test]
    fn a_whole_template() {
        let components = body("Hi {{candidate}}, about {{role}} and {{candidate}}");
        let whole = template(&json!({
            "status": "APPROVED", "category": "UTILITY", "parameter_format": "NAMED",
            "quality_score": {"score": "GREEN", "date": 1_700_000_000}, "rejected_reason": "NONE",
            "components": components,
        }));
        assert_eq!(
            definition(&whole),
            Some(TemplateDefinition {
                meta_id: "1387".to_owned(),
                name: "initiate".to_owned(),
                language: "en_US".to_owned(),
                category: "UTILITY".to_owned(),
                status: "APPROVED".to_owned(),
                named: true,
                body: "Hi {{candidate}}, about {{role}} and {{candidate}}".to_owned(),
                parameters: vec!["candidate".to_owned(), "role".to_owned()],
                components: components.to_string(),
                quality: Some("GREEN".to_owned()),
                rejected_reason: None,
            })
        );
    }

    #[test]
    fn without_a_format_the_placeholders_decide() {
        let cases = [
            ("Hi {{2}} {{1}}", false, vec!["1", "2"]),
            ("Hi {{candidate}}", true, vec!["candidate"]),
            ("Hi", false, vec![]),
        ];
        for (text, named, parameters) in cases {
            for format in [json!(null), json!("A_NEW_WORD")] {
                let extra = json!({"components": body(text), "parameter_format": format});
                let found = definition(&template(&extra)).unwrap();
                assert_eq!((found.named, found.parameters), (named, owned(&parameters)), "{text}");
            }
        }
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn unknown_words_stay_and_absent_ones_are_empty() {
        let odd = template(&json!({"id": 9_007_199_254_740_993_u64, "status": "A_NEW_WORD",
            "quality_score": "?", "components": "?", "rejected_reason": "SCAM"}));
        let found = definition(&odd).unwrap();
        assert_eq!(found.meta_id, "9007199254740993");
        assert_eq!((found.status.as_str(), found.category.as_str()), ("A_NEW_WORD", ""));
        assert_eq!((found.body.as_str(), found.components.as_str()), ("", "[]"));
        assert_eq!((found.quality, found.rejected_reason.as_deref()), (None, Some("SCAM")));
        assert_eq!(definition(&json!({"id": "1", "name": "no_language"})), None);
    }
}
