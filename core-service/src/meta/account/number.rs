//! Business numbers: what they are, which an account has, and registering one.

use serde_json::{Value, json};

use super::super::{Meta, client::Call, error::MetaError, peek, token::Token};
use crate::domain::{
    ids::{PhoneNumberId, WabaId},
    onboarding::NumberChoice,
};

/// What is asked of a number.
const FIELDS: &str = "id,display_phone_number,verified_name,quality_rating,status,platform_type,\
                      is_on_biz_app,whatsapp_business_manager_messaging_limit";
/// What is asked of numbers that somebody chooses from.
const NAMES: &str = "id,display_phone_number,verified_name";
/// The most numbers of one account.
const NUMBERS: usize = 2_000;

/// What Meta says of a business number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFacts {
    /// As people write it.
    pub display_phone_number: Option<String>,
    /// The name that candidates see.
    pub verified_name: Option<String>,
    /// Meta's word.
    pub quality_rating: Option<String>,
    /// Meta's word.
    pub messaging_limit: Option<String>,
    /// Meta's word for its state; new words appear.
    pub status: Option<String>,
    /// False when Meta says that the number cannot send before it is registered.
    pub is_registered: bool,
    /// True when the owner also uses it in the WhatsApp Business app: never register it then.
    pub is_on_biz_app: bool,
}

impl Meta {
    /// Asks what a number is; also proves that the token opens it.
    ///
    /// # Errors
    /// [`MetaError`].
    pub async fn phone_number(
        &self,
        token: &Token,
        number: &PhoneNumberId,
    ) -> Result<NumberFacts, MetaError> {
        let path = [number.as_str()];
        let body = self.graph.ask(token, Call::get(&path, &[("fields", FIELDS)])).await?;
        Ok(facts(&body))
    }

    /// The numbers of an account, as somebody would choose from them.
    ///
    /// # Errors
    /// [`MetaError`]; also when the list does not end.
    pub async fn numbers_of(
        &self,
        token: &Token,
        waba: &WabaId,
    ) -> Result<Vec<NumberChoice>, MetaError> {
        let path = [waba.as_str(), "phone_numbers"];
        let numbers = self.graph.list(token, &path, NAMES, NUMBERS).await?;
        let choice = |number: &Value| {
            let id = peek::text(number, "id")?;
            Some(NumberChoice {
                waba_id: waba.clone(),
                phone_number_id: PhoneNumberId::parse(&id).ok()?,
                display_phone_number: peek::text(number, "display_phone_number"),
                verified_name: peek::text(number, "verified_name"),
            })
        };
        Ok(numbers.iter().filter_map(choice).collect())
    }

    /// Registers a number, so that it can send. The PIN becomes the one of its two-step
    /// verification, or must be the one that it has.
    ///
    /// # Errors
    /// [`MetaError`]; code 133005 when the number has another PIN.
    pub async fn register(
        &self,
        token: &Token,
        number: &PhoneNumberId,
        pin: &str,
    ) -> Result<(), MetaError> {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        let path = [number.as_str(), "register"];
        self.graph.order(token, Call::post(&path, Some(&body))).await
    }
}

fn facts(body: &Value) -> NumberFacts {
    let status = peek::text(body, "status");
    let platform = peek::text(body, "platform_type");
    NumberFacts {
        display_phone_number: peek::text(body, "display_phone_number"),
        verified_name: peek::text(body, "verified_name"),
        quality_rating: peek::text(body, "quality_rating"),
        messaging_limit: peek::text(body, "whatsapp_business_manager_messaging_limit"),
        is_registered: is_registered(status.as_deref(), platform.as_deref()),
        status,
        is_on_biz_app: peek::flag(body, "is_on_biz_app").unwrap_or(false),
    }
}

/// Only what Meta says plainly counts as "not registered": registering is limited to ten times in
/// three days, and a number that is not registered says so again when it sends.
fn is_registered(status: Option<&str>, platform: Option<&str>) -> bool {
    !matches!(status, Some("PENDING" | "DISCONNECTED" | "UNVERIFIED" | "MIGRATED"))
        && !matches!(platform, Some("NOT_APPLICABLE" | "ON_PREMISE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connected_number() {
        let body = json!({
            "id": "106540352242922", "display_phone_number": "+1 555-078-3881",
            "verified_name": "Example", "quality_rating": "GREEN", "status": "CONNECTED",
            "platform_type": "CLOUD_API", "is_on_biz_app": false,
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
        });
        assert_eq!(
            facts(&body),
            NumberFacts {
                display_phone_number: Some("+1 555-078-3881".to_owned()),
                verified_name: Some("Example".to_owned()),
                quality_rating: Some("GREEN".to_owned()),
                messaging_limit: Some("TIER_2K".to_owned()),
                status: Some("CONNECTED".to_owned()),
                is_registered: true,
                is_on_biz_app: false,
            }
        );
    }

    #[test]
    fn only_a_plain_word_says_that_a_number_is_not_registered() {
        for (status, platform, expected) in [
            (None, None, true),
            (Some("FLAGGED"), Some("CLOUD_API"), true),
            (Some("A_NEW_WORD"), None, true),
            (Some("PENDING"), None, false),
            (Some("DISCONNECTED"), Some("CLOUD_API"), false),
            (Some("CONNECTED"), Some("NOT_APPLICABLE"), false),
        ] {
            assert_eq!(is_registered(status, platform), expected, "{status:?} {platform:?}");
        }
    }
}
