//! What Meta does not let an account do for a while.
//!
//! Invariant: what an account may still do stays possible: only an account that may neither start
//! conversations nor answer in them sends nothing.

use serde_json::Value;

use super::{super::super::peek, LINE, Read, text};
use crate::domain::{
    account::{AccountNews, Said},
    onboarding::Concern,
    standing::Topic,
    time::Timestamp,
};

/// The most restrictions of one account that are looked at.
const MOST: usize = 20;

/// Reads what an account may not do.
pub(super) fn read(value: &Value) -> Read {
    let list = peek::list(value, "restriction_info");
    let mut news: Vec<Said> = list.iter().take(MOST).filter_map(one).collect();
    if news.is_empty() {
        news.push(other("Meta restricted the account.".to_owned()));
    }
    Read::of_account(news.into_iter().map(|said| AccountNews::Said(Box::new(said))).collect())
}

fn one(info: &Value) -> Option<Said> {
    let kind = text::word(info, "restriction_type")?;
    let said = match kind.as_str() {
        "RESTRICTED_BIZ_INITIATED_MESSAGING" => Said::concern(
            Topic::Starting,
            Concern::AccountRestricted,
            "Meta does not let the account start conversations for now. Candidates who wrote within \
             24 hours can be answered.",
        ),
        "RESTRICTED_CUSTOMER_INITIATED_MESSAGING" => Said::concern(
            Topic::Answering,
            Concern::AccountRestricted,
            "Meta does not let the account answer candidates for now.",
        ),
        kind => {
            let kind = text::spelled(kind.strip_prefix("RESTRICTED_").unwrap_or(kind));
            other(format!("Meta restricted the account: {kind}."))
        }
    };
    let until = peek::integer(info, "expiration").filter(|at| *at > 0);
    Some(Said {
        until: until.map(Timestamp::from_seconds),
        details: advised(said.details, info),
        ..said
    })
}

fn other(details: String) -> Said {
    Said::concern(Topic::Restriction, Concern::AccountRestricted, details)
}

/// The sentence, with what Meta advises.
fn advised(details: String, info: &Value) -> String {
    match text::word(info, "remediation") {
        Some(advice) => peek::line(&format!("{details} Meta advises: {advice}"), 2 * LINE),
        None => details,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::kit::said, *};

    fn of(info: &Value) -> Vec<Said> {
        said("account_update", &json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": info}))
    }

    #[test]
    fn each_kind_stands_for_itself_and_has_its_end() {
        let read = of(&json!([
            {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_800_000_000},
            {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
             "expiration": "1800000001", "remediation": "Wait."},
            {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"},
        ]));
        let topics: Vec<_> = read.iter().map(|said| (said.topic, said.until)).collect();
        let at = |second| Some(Timestamp::from_seconds(second));
        assert_eq!(
            topics,
            [
                (Topic::Starting, at(1_800_000_000)),
                (Topic::Answering, at(1_800_000_001)),
                (Topic::Restriction, None)
            ]
        );
        assert!(read[1].details.ends_with("Meta advises: Wait."), "{read:?}");
        assert!(read[2].details.contains("add phone number action"), "{read:?}");
    }

    #[test]
    fn a_restriction_without_a_kind_is_still_one() {
        for odd in [json!([]), json!(null), json!("?"), json!([7, {"restriction_type": ""}])] {
            let read = of(&odd);
            assert_eq!((read.len(), read[0].topic), (1, Topic::Restriction), "{odd}");
        }
        let hopeless = of(&json!([{"restriction_type": "A_NEW_WORD", "expiration": -1}]));
        assert_eq!((hopeless[0].topic, hopeless[0].until), (Topic::Restriction, None));
    }
}
