//! What Meta warns an account of.

use serde_json::Value;

use super::{super::super::peek, Outcome, Read, text};
use crate::domain::{
    account::{AccountNews, Reach, Said},
    ids::PhoneNumberId,
    onboarding::Concern,
    standing::Topic,
};

/// Reads an alert. One that only informs is left alone; an unknown severity counts as a warning.
pub(super) fn read(value: &Value) -> Outcome {
    // Meta has written the parts of an alert both inside and beside each other.
    let info = value.get("alert_info").filter(|info| info.is_object()).unwrap_or(value);
    let severity = text::word(info, "alert_severity").ok_or("an alert has no severity")?;
    let topic = match severity.as_str() {
        "INFORMATIONAL" => return Ok(None),
        "CRITICAL" => Topic::CriticalAlert,
        _ => Topic::Alert,
    };
    let said = match text::word(info, "alert_status").as_deref() {
        Some("RESOLVED" | "INACTIVE" | "DISMISSED") => Said::nothing(topic),
        Some(_) | None => Said::concern(topic, Concern::AccountAlert, details(info)),
    };
    let (account, reach) = about(value);
    Ok(Some(Read { account, reach, news: vec![AccountNews::Said(Box::new(said))] }))
}

/// The account, when the alert names it, and which of its numbers.
fn about(value: &Value) -> (Option<String>, Reach) {
    let id = peek::text(value, "entity_id");
    match text::word(value, "entity_type").as_deref() {
        Some("WABA") => (id, Reach::Account),
        Some("PHONE_NUMBER") => {
            let number = id.and_then(|id| PhoneNumberId::parse(&id).ok());
            (None, number.map_or(Reach::Account, Reach::NumberId))
        }
        Some(_) | None => (None, Reach::Account),
    }
}

fn details(info: &Value) -> String {
    let kind = text::word(info, "alert_type").map(|kind| text::spelled(&kind));
    match (kind, text::line(info, "alert_description")) {
        (Some(kind), Some(said)) => format!("Meta warns ({kind}): {said}"),
        (None, Some(said)) => format!("Meta warns: {said}"),
        (Some(kind), None) => format!("Meta warns: {kind}. Look after it in WhatsApp Manager."),
        (None, None) => "Meta warns the account. Look after it in WhatsApp Manager.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::kit::{fact, of, said},
        *,
    };
    use crate::domain::fact::Element;

    const FIELD: &str = "account_alerts";

    fn alert(severity: &str, status: &str) -> Value {
        json!({"entity_type": "WABA", "entity_id": 123, "alert_info": {
            "alert_severity": severity, "alert_status": status,
            "alert_type": "LIMIT_DENIED", "alert_description": "Not\nyet."}})
    }

    #[test]
    fn the_severity_decides() {
        for (severity, topic) in [
            ("CRITICAL", Topic::CriticalAlert),
            ("WARNING", Topic::Alert),
            ("A_NEW_WORD", Topic::Alert),
        ] {
            let said = said(FIELD, &alert(severity, "ACTIVE"));
            assert_eq!((said[0].topic, said[0].concern), (topic, Some(Concern::AccountAlert)));
            assert_eq!(said[0].details, "Meta warns (limit denied): Not yet.");
        }
        assert_eq!(of(FIELD, &alert("INFORMATIONAL", "NONE")), Element::Ignored);
        assert_eq!(said(FIELD, &alert("WARNING", "RESOLVED")), [Said::nothing(Topic::Alert)]);
    }

    #[test]
    fn it_is_about_what_it_names() {
        assert_eq!(fact(FIELD, &alert("WARNING", "ACTIVE")).waba_id.as_str(), "123");
        let info = json!({"alert_severity": "WARNING"});
        let of_number =
            json!({"entity_type": "PHONE_NUMBER", "entity_id": "456", "alert_info": info});
        let of_number = fact(FIELD, &of_number);
        let number = PhoneNumberId::parse("456").unwrap();
        assert_eq!((of_number.waba_id.as_str(), of_number.reach), ("900", Reach::NumberId(number)));
        let of_business = json!({"entity_type": "BUSINESS", "entity_id": "5", "alert_info": info});
        assert_eq!(fact(FIELD, &of_business).waba_id.as_str(), "900");
    }

    #[test]
    fn its_parts_may_stand_beside_each_other_and_be_absent() {
        let flat = said(FIELD, &json!({"alert_severity": "CRITICAL", "alert_type": "X"}));
        assert!(flat[0].details.starts_with("Meta warns: x."), "{flat:?}");
        for odd in
            [json!({}), json!({"alert_info": []}), json!({"alert_info": {"alert_severity": 1.5}})]
        {
            assert!(matches!(of(FIELD, &odd), Element::Malformed(_)), "{odd}");
        }
    }
}
