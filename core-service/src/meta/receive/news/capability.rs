//! How many candidates an account may write to within a day.
//!
//! Invariant: the limit is kept in the word that Meta's API has for it, also where Meta sends a number.

use serde_json::Value;

use super::{super::super::peek, Outcome, Read, text};
use crate::domain::{
    account::{Learned, Said},
    standing::Topic,
};

/// The names that the limit has had, the newest first.
const LIMITS: [&str; 3] = [
    "max_daily_conversations_per_business",
    "max_daily_conversation_per_phone",
    "max_daily_conversations_per_phone",
];

/// Reads what an account may do.
pub(super) fn read(value: &Value) -> Outcome {
    let limit = LIMITS.iter().find_map(|key| limit(value, key));
    Ok(limit.map(|limit| Read::saying(said(limit))))
}

/// A limit, said.
pub(super) fn said(limit: String) -> Said {
    Said::nothing(Topic::Limit).learning(Learned::MessagingLimit(limit))
}

/// A limit in the word of Meta's API; `None` when there is none, or it is not set.
pub(super) fn limit(value: &Value, key: &str) -> Option<String> {
    let word = match peek::integer(value, key) {
        Some(-1) => "TIER_UNLIMITED".to_owned(),
        Some(count) if count >= 1000 && count % 1000 == 0 => format!("TIER_{}K", count / 1000),
        Some(count) if count >= 0 => format!("TIER_{count}"),
        Some(_) => return None,
        None => text::word(value, key)?,
    };
    (word != "TIER_NOT_SET").then_some(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::kit::{of, said},
        *,
    };
    use crate::domain::fact::Element;

    const FIELD: &str = "business_capability_update";

    #[test]
    fn numbers_and_words_of_every_version() {
        for (limit, expected) in [
            (json!(250), "TIER_250"),
            (json!(1_000), "TIER_1K"),
            (json!("2000"), "TIER_2K"),
            (json!(100_000), "TIER_100K"),
            (json!(-1), "TIER_UNLIMITED"),
            (json!("TIER_10K"), "TIER_10K"),
            (json!("TIER_UNLIMITED"), "TIER_UNLIMITED"),
        ] {
            for key in LIMITS {
                let said = said(FIELD, &json!({key: limit, "max_phone_numbers_per_business": 25}));
                let learned = Learned::MessagingLimit(expected.to_owned());
                assert_eq!(said[0].learned, Some(learned), "{limit}");
            }
        }
    }

    #[test]
    fn a_limit_that_says_nothing_changes_nothing() {
        for odd in [json!(null), json!("TIER_NOT_SET"), json!(-7), json!([]), json!("")] {
            let value = json!({"max_daily_conversations_per_business": odd});
            assert_eq!(of(FIELD, &value), Element::Ignored, "{odd}");
        }
        let two = json!({"max_daily_conversation_per_phone": 250,
            "max_daily_conversations_per_business": 2_000});
        let learned = Learned::MessagingLimit("TIER_2K".to_owned());
        assert_eq!(said(FIELD, &two)[0].learned, Some(learned), "the newest name holds");
    }
}
