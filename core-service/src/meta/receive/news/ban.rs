//! Accounts that Meta disables, and enables again.

use serde_json::Value;

use super::{Read, text};
use crate::domain::{account::Said, onboarding::Concern, standing::Topic};

/// Reads whether an account is disabled; `None` when it does not say.
pub(super) fn read(value: &Value) -> Option<Read> {
    let info = value.get("ban_info")?;
    let date = text::word(info, "waba_ban_date");
    let said = match text::word(info, "waba_ban_state")?.as_str() {
        "DISABLE" => Said::concern(
            Topic::Ban,
            Concern::AccountDisabled,
            "Meta disabled the account: nothing can be sent. Ask for a review in Meta's Business \
             Support. What is queued waits.",
        ),
        "SCHEDULE_FOR_DISABLE" => {
            let when = date.map_or_else(|| "soon".to_owned(), |date| format!("on {date}"));
            let details = format!(
                "Meta is going to disable the account {when}. Ask for a review in Meta's Business \
                 Support."
            );
            Said::concern(Topic::Ban, Concern::AccountDisableScheduled, details)
        }
        "REINSTATE" => Said::nothing(Topic::Ban),
        _ => return None,
    };
    Some(Read::saying(said))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::kit::{of, said},
        *,
    };
    use crate::domain::fact::Element;

    fn update(info: &Value) -> Value {
        json!({"event": "DISABLED_UPDATE", "ban_info": info})
    }

    #[test]
    fn each_state_of_a_ban() {
        let of_state = |state: &str| {
            let info = json!({"waba_ban_state": state, "waba_ban_date": "January 31, 2027"});
            said("account_update", &update(&info)).remove(0)
        };
        assert_eq!(of_state("DISABLE").concern, Some(Concern::AccountDisabled));
        let soon = of_state("SCHEDULE_FOR_DISABLE");
        assert_eq!(soon.concern, Some(Concern::AccountDisableScheduled));
        assert!(soon.details.contains("on January 31, 2027."), "{soon:?}");
        assert_eq!(of_state("REINSTATE"), Said::nothing(Topic::Ban));
    }

    #[test]
    fn what_does_not_say_whether_it_is_one_changes_nothing() {
        for info in [json!({}), json!(null), json!({"waba_ban_state": "A_NEW_WORD"})] {
            assert_eq!(of("account_update", &update(&info)), Element::Ignored, "{info}");
        }
    }
}
