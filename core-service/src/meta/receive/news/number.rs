//! What Meta says of a number: its name, and how candidates take its messages.
//!
//! Invariant: the number is named by its digits alone, and its id is nowhere.

use serde_json::Value;

use super::{super::super::peek, Outcome, Read, capability, text};
use crate::{
    domain::{
        account::{AccountNews, Learned, Reach, Said},
        identity::PhoneNumber,
        onboarding::Concern,
        standing::Topic,
    },
    meta::receive::Broken,
};

/// The longest name that is taken.
const NAME: usize = 512;

/// The number that news name.
pub(super) fn of(value: &Value, news: Vec<Said>) -> Result<Read, Broken> {
    let digits = peek::text(value, "display_phone_number");
    let number = digits.and_then(|digits| PhoneNumber::parse(&digits).ok());
    let reach = Reach::Number(number.ok_or("news of a number do not say which one")?);
    let news = news.into_iter().map(|said| AccountNews::Said(Box::new(said))).collect();
    Ok(Read { account: None, reach, news })
}

/// Reads what Meta thinks of a name.
pub(super) fn name(value: &Value) -> Outcome {
    let decision = peek::text(value, "decision").ok_or("a name has no decision")?;
    let wanted = peek::text(value, "requested_verified_name").map(|name| peek::line(&name, NAME));
    let news = match decision.as_str() {
        "APPROVED" => {
            let name = wanted.ok_or("a name that is allowed is not said")?;
            let known = Said::nothing(Topic::Name).learning(Learned::VerifiedName(name));
            vec![Said::nothing(Topic::NameReview), known]
        }
        "REJECTED" => {
            let why = text::word(value, "rejection_reason").map(|why| text::spelled(&why));
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            let details = format!(
                "Meta does not allow the wanted name{why}. Choose another one in WhatsApp Manager."
            );
            vec![Said::concern(Topic::NameReview, Concern::NameRejected, details)]
        }
        _ => return Ok(None),
    };
    of(value, news).map(Some)
}

/// Reads how candidates take a number's messages, and how much it may send.
pub(super) fn quality(value: &Value) -> Outcome {
    let event = peek::text(value, "event").ok_or("news of a number's quality name no event")?;
    let limit = capability::limit(value, "max_daily_conversations_per_business");
    let limit = limit.or_else(|| capability::limit(value, "current_limit"));
    let quality = match event.as_str() {
        "FLAGGED" => {
            let flagged = Said::concern(
                Topic::Quality,
                Concern::NumberFlagged,
                "Candidates block or report what the number sends: Meta may lower its limit. Send \
                 less, and only what candidates expect.",
            );
            Some(flagged.learning(Learned::Quality("RED".to_owned())))
        }
        "UNFLAGGED" => Some(Said::nothing(Topic::Quality).learning(Learned::OtherQuality)),
        // Limits and throughput, and what comes after this version.
        _ => None,
    };
    let news: Vec<Said> = quality.into_iter().chain(limit.map(capability::said)).collect();
    if news.is_empty() {
        return Ok(None);
    }
    of(value, news).map(Some)
}

#[cfg(test)]
mod tests {
    use std::slice;

    use serde_json::json;

    use super::{
        super::kit::{fact, of, said},
        *,
    };
    use crate::domain::fact::Element;

    const QUALITY: &str = "phone_number_quality_update";
    const NAME: &str = "phone_number_name_update";

    fn quality(event: &str, limit: &Value) -> Value {
        json!({"display_phone_number": "15550783881", "event": event, "current_limit": limit})
    }

    #[test]
    fn a_number_is_found_by_its_digits() {
        for written in [json!("15550783881"), json!(15_550_783_881_u64), json!("+1 555-078-3881")] {
            let value = json!({"display_phone_number": written, "event": "FLAGGED"});
            let digits = PhoneNumber::from_digits("15550783881").unwrap();
            assert_eq!(fact(QUALITY, &value).reach, Reach::Number(digits));
        }
        for odd in [json!(null), json!("x"), json!({})] {
            let value = json!({"display_phone_number": odd, "event": "FLAGGED"});
            assert!(matches!(of(QUALITY, &value), Element::Malformed(_)), "{odd}");
        }
    }

    #[test]
    fn quality_and_limit_are_two_things() {
        let limit = Said::nothing(Topic::Limit);
        let limit = limit.learning(Learned::MessagingLimit("TIER_1K".to_owned()));
        let flagged = said(QUALITY, &quality("FLAGGED", &json!("TIER_1K")));
        assert_eq!(flagged[0].concern, Some(Concern::NumberFlagged));
        assert_eq!(flagged[1], limit);
        let unflagged = said(QUALITY, &quality("UNFLAGGED", &json!("TIER_NOT_SET")));
        assert_eq!(unflagged, [Said::nothing(Topic::Quality).learning(Learned::OtherQuality)]);
        for event in ["UPGRADE", "DOWNGRADE", "ONBOARDING", "THROUGHPUT_UPGRADE", "A_NEW_WORD"] {
            assert_eq!(said(QUALITY, &quality(event, &json!("TIER_1K"))), slice::from_ref(&limit));
            assert_eq!(of(QUALITY, &quality(event, &json!(null))), Element::Ignored);
        }
        assert!(matches!(of(QUALITY, &json!({})), Element::Malformed(_)));
    }

    #[test]
    fn a_name_holds_once_it_is_allowed() {
        let decided = |decision: &str, name: &Value| {
            json!({"display_phone_number": "15550783881", "decision": decision,
                "requested_verified_name": name, "rejection_reason": "NAME_FORMAT_UNACCEPTABLE"})
        };
        let allowed = said(NAME, &decided("APPROVED", &json!("Example")));
        assert_eq!(allowed[0], Said::nothing(Topic::NameReview));
        assert_eq!(allowed[1].learned, Some(Learned::VerifiedName("Example".to_owned())));
        let refused = said(NAME, &decided("REJECTED", &json!("Example")));
        assert_eq!((refused.len(), refused[0].concern), (1, Some(Concern::NameRejected)));
        assert!(refused[0].details.contains("(name format unacceptable)"), "{refused:?}");
        assert_eq!(of(NAME, &decided("DEFERRED", &json!("Example"))), Element::Ignored);
        assert!(matches!(of(NAME, &decided("APPROVED", &json!(null))), Element::Malformed(_)));
    }
}
