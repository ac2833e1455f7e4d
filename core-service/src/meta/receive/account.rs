//! What Meta says of an account.
//!
//! Invariant: the account is the customer's. In news of partners the entry has the id of our own business,
//! and the account stands inside.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{super::peek, Broken};
use crate::domain::{
    fact::{AccountFact, Element},
    ids::WabaId,
    time::Timestamp,
};

/// News of one account, unread.
pub(super) struct News<'a> {
    /// The id of the entry.
    pub(super) entry: Option<String>,
    /// When, in seconds.
    pub(super) time: Option<i64>,
    /// What happened.
    pub(super) value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Update {
    event: Option<String>,
    waba_info: Option<Value>,
}

/// Reads news of an account; what this version does not act on is ignored.
pub(super) fn read(news: &News<'_>) -> Element {
    match taken_away(news) {
        Ok(Some(fact)) => Element::Account(fact),
        Ok(None) => Element::Ignored,
        Err(why) => Element::Malformed(why.to_owned()),
    }
}

fn taken_away(news: &News<'_>) -> Result<Option<AccountFact>, Broken> {
    let News { entry, time, value } = news;
    let update = value.and_then(|value| serde_json::from_str::<Update>(value.get()).ok());
    let Update { event, waba_info } = update.ok_or("news of an account are no object")?;
    let inside = |key: &str| waba_info.as_ref().and_then(|info| peek::text(info, key));
    let waba = match event.as_deref() {
        // Without the account inside, the entry may still be it; our own business is nobody's account.
        Some("PARTNER_APP_UNINSTALLED" | "PARTNER_REMOVED") => {
            inside("waba_id").or_else(|| entry.clone())
        }
        Some("ACCOUNT_DELETED") => entry.clone(),
        Some(_) => return Ok(None),
        None => return Err("news of an account name no event"),
    };
    let waba_id = waba.and_then(|id| WabaId::parse(&id).ok());
    Ok(Some(AccountFact {
        waba_id: waba_id.ok_or("news of an account do not say which one")?,
        at: time.map(Timestamp::from_seconds),
        app_id: inside("partner_app_id"),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Element {
        let raw = RawValue::from_string(value.to_string()).unwrap();
        read(&News { entry: Some("900".to_owned()), time: Some(7), value: Some(&raw) })
    }

    #[test]
    fn a_partner_is_told_with_its_own_id_and_the_account_is_inside() {
        let info = json!({"waba_id": "102", "owner_business_id": "5", "partner_app_id": 670});
        for event in ["PARTNER_APP_UNINSTALLED", "PARTNER_REMOVED"] {
            let Element::Account(fact) = of(&json!({"event": event, "waba_info": info})) else {
                panic!("{event} is not understood");
            };
            assert_eq!((fact.waba_id.as_str(), fact.app_id.as_deref()), ("102", Some("670")));
            assert_eq!(fact.at, Some(Timestamp::from_seconds(7)));
        }
        let deleted = of(&json!({"event": "ACCOUNT_DELETED"}));
        assert!(matches!(deleted, Element::Account(fact) if fact.waba_id.as_str() == "900"));
    }

    #[test]
    fn other_news_are_left_alone_and_odd_ones_set_aside() {
        assert_eq!(of(&json!({"event": "PARTNER_ADDED"})), Element::Ignored);
        for odd in [
            json!({}),
            json!([]),
            json!({"event": "PARTNER_REMOVED", "waba_info": {"waba_id": "a b"}}),
        ] {
            assert!(matches!(of(&odd), Element::Malformed(_)), "{odd}");
        }
    }
}
