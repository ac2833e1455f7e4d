//! The PIN of a number: changed, or removed.

use serde_json::Value;

use super::{super::super::peek, Outcome, number, text};
use crate::domain::{account::Said, onboarding::Concern, standing::Topic};

/// Reads what happened to the PIN. Who asked for it is Meta's to know.
pub(super) fn read(value: &Value) -> Outcome {
    let event = peek::text(value, "event").ok_or("news of a number's security name no event")?;
    let what = match event.as_str() {
        "PIN_CHANGED" => "The PIN of the number was changed.".to_owned(),
        "PIN_RESET_REQUEST" => "Somebody asked Meta to remove the PIN of the number.".to_owned(),
        "PIN_RESET_SUCCESS" => "The PIN of the number was removed.".to_owned(),
        other => {
            let other = text::spelled(&peek::line(other, 60));
            format!("Meta says of the number's security: {other}.")
        }
    };
    let details =
        format!("{what} If that was nobody of yours, look after the number in WhatsApp Manager.");
    let said = Said::concern(Topic::Pin, Concern::PinChanged, details);
    number::of(value, vec![said]).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::kit, *};
    use crate::domain::fact::Element;

    #[test]
    fn whatever_happens_to_the_pin_is_to_be_looked_at() {
        for (event, words) in [
            ("PIN_CHANGED", "was changed"),
            ("PIN_RESET_REQUEST", "asked Meta to remove"),
            ("PIN_RESET_SUCCESS", "was removed"),
            ("A_NEW_WORD", "security: a new word."),
        ] {
            let value = json!({"display_phone_number": "15550783881", "event": event,
                "requester": "61555822107539"});
            let said = kit::said("security", &value).remove(0);
            assert_eq!((said.topic, said.concern), (Topic::Pin, Some(Concern::PinChanged)));
            assert!(said.details.contains(words), "{said:?}");
            assert!(!said.details.contains("61555822107539"), "{said:?}");
        }
        for odd in [json!({}), json!({"event": "PIN_CHANGED"})] {
            assert!(matches!(kit::of("security", &odd), Element::Malformed(_)), "{odd}");
        }
    }
}
