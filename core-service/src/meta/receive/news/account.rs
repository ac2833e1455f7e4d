//! What Meta says of an account as a whole.
//!
//! Invariant: the account is the customer's. In news of partners the entry has the id of our own business,
//! and the account stands inside.

use serde_json::Value;

use super::{super::super::peek, Outcome, Read, ban, restriction, text};
use crate::domain::{
    account::{AccountNews, Reach, Said},
    onboarding::Concern,
    standing::Topic,
};

/// Reads news of an account.
pub(super) fn read(value: &Value) -> Outcome {
    let inside = |key: &str| value.get("waba_info").and_then(|info| peek::text(info, key));
    let event = peek::text(value, "event").ok_or("news of an account name no event")?;
    let read = match event.as_str() {
        "PARTNER_APP_UNINSTALLED" | "PARTNER_REMOVED" => {
            Some(Read::of_account(vec![AccountNews::Withdrawn {
                app_id: inside("partner_app_id"),
            }]))
        }
        "ACCOUNT_DELETED" => Some(Read::of_account(vec![AccountNews::Withdrawn { app_id: None }])),
        "ACCOUNT_RESTRICTION" => Some(restriction::read(value)),
        "DISABLED_UPDATE" => ban::read(value),
        "ACCOUNT_VIOLATION" => Some(Read::saying(violation(value))),
        "ACCOUNT_OFFBOARDED" => Some(Read::saying(offboarded(value))),
        "ACCOUNT_RECONNECTED" => Some(Read::saying(Said::nothing(Topic::Presence))),
        // What partners do with each other, prices, terms, certificates: nothing to act on.
        _ => None,
    };
    // Without the account inside, the entry may still be it; our own business is nobody's account.
    Ok(read.map(|read| Read { account: inside("waba_id"), ..read }))
}

fn violation(value: &Value) -> Said {
    let kind = value.get("violation_info").and_then(|info| text::word(info, "violation_type"));
    let what = kind.map_or_else(String::new, |kind| format!(": {}", text::spelled(&kind)));
    let details = format!(
        "Meta says that the account violated a policy{what}. Look after it in WhatsApp Manager."
    );
    Said::concern(Topic::Violation, Concern::AccountViolation, details)
}

fn offboarded(value: &Value) -> Said {
    let why = value.get("disconnection_info").and_then(|info| text::word(info, "reason"));
    let why = why.map_or_else(String::new, |why| format!(" ({})", text::spelled(&why)));
    let details = format!(
        "The number is no longer on Meta's Cloud API{why}. Bring it back there, or connect again."
    );
    Said::concern(Topic::Presence, Concern::AccountOffboarded, details)
}

/// Reads what came of Meta's review of an account.
pub(super) fn review(value: &Value) -> Outcome {
    let decision = peek::text(value, "decision").ok_or("a review has no decision")?;
    let said = match decision.as_str() {
        "REJECTED" => Said::concern(
            Topic::Review,
            Concern::AccountRejected,
            "Meta's review turned the account down. Ask for another review in WhatsApp Manager.",
        ),
        "APPROVED" | "PENDING" | "DEFERRED" => Said::nothing(Topic::Review),
        _ => return Ok(None),
    };
    Ok(Some(Read { account: None, reach: Reach::Account, ..Read::saying(said) }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::kit::{fact, of, said},
        *,
    };
    use crate::domain::{fact::Element, time::Timestamp};

    const FIELD: &str = "account_update";

    #[test]
    fn a_partner_is_told_with_its_own_id_and_the_account_is_inside() {
        let info = json!({"waba_id": "102", "owner_business_id": "5", "partner_app_id": 670});
        for event in ["PARTNER_APP_UNINSTALLED", "PARTNER_REMOVED"] {
            let fact = fact(FIELD, &json!({"event": event, "waba_info": info}));
            let app_id = Some("670".to_owned());
            assert_eq!((fact.waba_id.as_str(), fact.reach), ("102", Reach::Account));
            assert_eq!(fact.news, [AccountNews::Withdrawn { app_id }]);
            assert_eq!(fact.at, Some(Timestamp::from_seconds(7)));
        }
        let deleted = fact(FIELD, &json!({"event": "ACCOUNT_DELETED"}));
        assert_eq!(deleted.waba_id.as_str(), "900");
        assert_eq!(deleted.news, [AccountNews::Withdrawn { app_id: None }]);
    }

    #[test]
    fn other_news_are_left_alone_and_odd_ones_set_aside() {
        for event in ["PARTNER_ADDED", "PARTNER_APP_INSTALLED", "AD_ACCOUNT_LINKED", "A_NEW_WORD"] {
            assert_eq!(of(FIELD, &json!({"event": event})), Element::Ignored);
        }
        for odd in [
            json!({}),
            json!([]),
            json!(null),
            json!({"event": ["ACCOUNT_DELETED"]}),
            json!({"event": "PARTNER_REMOVED", "waba_info": {"waba_id": "a b"}}),
        ] {
            assert!(matches!(of(FIELD, &odd), Element::Malformed(_)), "{odd}");
        }
    }

    #[test]
    fn violations_and_departures_say_what_is_known_of_them() {
        let info = json!({"violation_type": "ADULT_CONTENT"});
        let violated = said(FIELD, &json!({"event": "ACCOUNT_VIOLATION", "violation_info": info}));
        assert_eq!(violated[0].concern, Some(Concern::AccountViolation));
        assert!(violated[0].details.contains("a policy: adult content."), "{violated:?}");
        let bare = said(FIELD, &json!({"event": "ACCOUNT_VIOLATION", "violation_info": "?"}));
        assert!(bare[0].details.contains("a policy. Look"), "{bare:?}");

        let info = json!({"reason": "CHANGE_NUMBER", "initiated_by": "USER"});
        let gone = json!({"event": "ACCOUNT_OFFBOARDED", "disconnection_info": info});
        assert!(said(FIELD, &gone)[0].details.contains("(change number)"));
        let back = said(FIELD, &json!({"event": "ACCOUNT_RECONNECTED"}));
        assert_eq!(back, [Said::nothing(Topic::Presence)]);
    }

    #[test]
    fn a_review_counts_when_it_is_decided() {
        let decided =
            |decision: &str| said("account_review_update", &json!({"decision": decision}));
        assert_eq!(decided("REJECTED")[0].concern, Some(Concern::AccountRejected));
        assert_eq!(decided("APPROVED"), [Said::nothing(Topic::Review)]);
        let odd = json!({"decision": "A_NEW_WORD"});
        assert_eq!(of("account_review_update", &odd), Element::Ignored);
        assert!(matches!(of("account_review_update", &json!({})), Element::Malformed(_)));
    }
}
