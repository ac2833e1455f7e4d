//! What Meta says of a template.
//!
//! Invariant: a status is one that Meta's API has, so that `APPROVED` alone can be sent. A word that says
//! less than that makes us ask Meta.

use serde_json::Value;

use super::{super::super::peek, Outcome, Read, text};
use crate::{
    domain::account::{AccountNews, TemplateName, TemplateNews, TemplateStatus, TemplateWord},
    meta::receive::Broken,
};

/// The longest word, name or id that is taken.
const WORD: usize = 600;

fn one(value: &Value, word: TemplateWord) -> Outcome {
    let template = named(value)?;
    let news = AccountNews::Template(Box::new(TemplateNews { template, word }));
    Ok(Some(Read::of_account(vec![news])))
}

fn named(value: &Value) -> Result<TemplateName, Broken> {
    let short = |key: &str| peek::text(value, key).filter(|text| text.len() <= WORD);
    let meta_id = short("message_template_id");
    let name = short("message_template_name").zip(short("message_template_language"));
    if meta_id.is_none() && name.is_none() {
        return Err("news of a template do not say which one");
    }
    Ok(TemplateName { meta_id, name })
}

/// Reads whether a template can be sent.
pub(super) fn status(value: &Value) -> Outcome {
    let event = peek::text(value, "event").ok_or("news of a template name no event")?;
    let (status, certain) = match event.as_str() {
        "DELETED" => return one(value, TemplateWord::Deleted),
        "APPROVED" | "PENDING" | "REJECTED" | "PAUSED" | "DISABLED" | "IN_APPEAL"
        | "PENDING_DELETION" | "LIMIT_EXCEEDED" | "ARCHIVED" => (event.as_str(), true),
        "REINSTATED" => ("APPROVED", true),
        // It was approved when it was put away, as a rule.
        "UNARCHIVED" => ("APPROVED", false),
        // Flagged and locked ones may still be sent; what comes after this version, who knows.
        _ => return one(value, TemplateWord::Changed),
    };
    let why = text::word(value, "reason");
    let more = || text::word(value.get("rejection_info")?, "reason");
    let category = text::word(value, "message_template_category");
    let status = TemplateStatus {
        status: status.to_owned(),
        rejected_reason: why.or_else(more),
        category,
        certain,
    };
    one(value, TemplateWord::Status(status))
}

/// Reads how candidates take a template.
pub(super) fn quality(value: &Value) -> Outcome {
    let quality = text::word(value, "new_quality_score");
    let quality = quality.ok_or("news of a template's quality do not say it")?;
    one(value, TemplateWord::Quality(quality))
}

/// Reads what a template counts as. Of a category that is still to come, `new_category` is the current
/// one: only what is done counts.
pub(super) fn category(value: &Value) -> Outcome {
    let to_come = ["correct_category", "category_update_timestamp"];
    if to_come.iter().any(|key| value.get(key).is_some_and(|value| !value.is_null())) {
        return Ok(None);
    }
    let category = text::word(value, "new_category");
    let category = category.ok_or("news of a template's category do not say it")?;
    one(value, TemplateWord::Category(category))
}

/// Reads that a template says something else now.
pub(super) fn components(value: &Value) -> Outcome {
    one(value, TemplateWord::Changed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::kit::{fact, of},
        *,
    };
    use crate::domain::fact::Element;

    const STATUS: &str = "message_template_status_update";
    const CATEGORY: &str = "template_category_update";

    fn template(extra: &Value) -> Value {
        let mut value = json!({"message_template_id": 9_007_199_254_740_993_u64,
            "message_template_name": "initiate", "message_template_language": "en-US"});
        let extra = extra.as_object().unwrap().clone();
        value.as_object_mut().unwrap().extend(extra);
        value
    }

    fn news(field: &str, extra: &Value) -> TemplateNews {
        let news = fact(field, &template(extra)).news.remove(0);
        let AccountNews::Template(news) = news else { panic!("{extra} is {news:?}") };
        *news
    }

    fn stands(status: &str, rejected_reason: Option<&str>, certain: bool) -> TemplateWord {
        let rejected_reason = rejected_reason.map(str::to_owned);
        let status = status.to_owned();
        TemplateWord::Status(TemplateStatus { status, rejected_reason, category: None, certain })
    }

    #[test]
    fn every_event_is_a_status_of_the_api_or_a_question() {
        for (event, word) in [
            ("APPROVED", stands("APPROVED", None, true)),
            ("PENDING_DELETION", stands("PENDING_DELETION", None, true)),
            ("REINSTATED", stands("APPROVED", None, true)),
            ("UNARCHIVED", stands("APPROVED", None, false)),
            ("DELETED", TemplateWord::Deleted),
            ("FLAGGED", TemplateWord::Changed),
            ("LOCKED", TemplateWord::Changed),
            ("A_NEW_WORD", TemplateWord::Changed),
        ] {
            assert_eq!(news(STATUS, &json!({"event": event, "reason": "NONE"})).word, word);
        }
    }

    #[test]
    fn a_rejection_says_why() {
        let bare = json!({"event": "REJECTED", "reason": "SCAM"});
        assert_eq!(news(STATUS, &bare).word, stands("REJECTED", Some("SCAM"), true));
        let long = json!({"event": "REJECTED", "reason": null,
            "rejection_info": {"reason": "Too many\nvariables.", "recommendation": "Fewer."}});
        let why = Some("Too many variables.");
        assert_eq!(news(STATUS, &long).word, stands("REJECTED", why, true));
        let paused = json!({"event": "PAUSED", "message_template_category": "UTILITY",
            "other_info": {"title": "FIRST_PAUSE"}, "disable_info": {"disable_date": "May 1, 2027"}});
        let TemplateWord::Status(paused) = news(STATUS, &paused).word else { panic!() };
        assert_eq!(paused.category.as_deref(), Some("UTILITY"));
    }

    #[test]
    fn names_are_taken_as_they_come() {
        let named = news(STATUS, &json!({"event": "APPROVED"})).template;
        assert_eq!(named.meta_id.as_deref(), Some("9007199254740993"));
        assert_eq!(named.name, Some(("initiate".to_owned(), "en-US".to_owned())));
        let nameless = json!({"message_template_id": "7", "event": "APPROVED"});
        assert!(matches!(of(STATUS, &nameless), Element::Account(_)));
        let huge = json!({"message_template_id": "7".repeat(WORD + 1), "event": "APPROVED"});
        for odd in
            [json!({"event": "APPROVED", "message_template_name": "x"}), huge, template(&json!({}))]
        {
            assert!(matches!(of(STATUS, &odd), Element::Malformed(_)), "{odd}");
        }
    }

    #[test]
    fn a_category_counts_when_it_is_so() {
        let done = json!({"previous_category": "UTILITY", "new_category": "MARKETING"});
        let category = TemplateWord::Category("MARKETING".to_owned());
        assert_eq!(news(CATEGORY, &done).word, category);
        for key in ["correct_category", "category_update_timestamp"] {
            let to_come = json!({"new_category": "UTILITY", key: "MARKETING"});
            assert_eq!(of(CATEGORY, &template(&to_come)), Element::Ignored);
        }
        assert!(matches!(of(CATEGORY, &template(&json!({}))), Element::Malformed(_)));
    }

    #[test]
    fn quality_and_components() {
        let scores = json!({"previous_quality_score": "GREEN", "new_quality_score": "RED"});
        let word = news("message_template_quality_update", &scores).word;
        assert_eq!(word, TemplateWord::Quality("RED".to_owned()));
        let element = json!({"message_template_element": "new", "message_template_buttons": []});
        let word = news("message_template_components_update", &element).word;
        assert_eq!(word, TemplateWord::Changed);
    }
}
