//! Accounts as snapshots of form 1 have them: one number each, in the same row.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Deserialize;

use crate::meta::account::{BusinessNumber, Waba};
use crate::meta::number::WaNumber;
use crate::meta::template::Template;

/// One account with its only number.
#[derive(Debug, Deserialize)]
pub(super) struct FormOne {
    business_id: String,
    waba_id: String,
    phone_number_id: String,
    number: WaNumber,
    verified_name: String,
    registered: bool,
    pin: Option<String>,
    registrations: VecDeque<i64>,
    subscribed: bool,
    templates: Arc<Vec<Template>>,
}

impl FormOne {
    /// The account and the number as they are kept now.
    pub(super) fn split(self) -> (Waba, BusinessNumber) {
        let Self {
            business_id,
            waba_id,
            phone_number_id,
            number,
            verified_name,
            registered,
            pin,
            registrations,
            subscribed,
            templates,
        } = self;
        let number = BusinessNumber {
            phone_number_id,
            waba_id: waba_id.clone(),
            number,
            verified_name: verified_name.clone(),
            registered,
            pin,
            registrations,
            code_verified: true,
            on_biz_app: false,
        };
        let name = verified_name;
        (Waba { waba_id, business_id, name, subscribed, templates, banned: false }, number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::meta::persist::load;

    #[test]
    fn a_snapshot_of_form_one_keeps_loading() {
        let folder = tempfile::tempdir().expect("a folder");
        let account = json!({
            "business_id": "1", "waba_id": "2", "phone_number_id": "3", "number": "15550783881",
            "verified_name": "Old", "registered": false, "pin": "123456", "registrations": [5],
            "subscribed": true, "templates": [],
        });
        let token = json!({"waba_id": "2", "issued_at": 1, "expires_at": 0, "revoked": false});
        let snapshot = json!({
            "form": 1, "offset_ms": 7, "accounts": {"3": account}, "tokens": {"EAAold": token},
            "phones": {}, "version": 4, "refused": {}, "webhooks": [],
        });
        std::fs::write(folder.path().join("meta.json"), snapshot.to_string()).expect("written");
        let saved = load(folder.path()).expect("readable").expect("there");
        let number = &saved.state.numbers["3"];
        assert_eq!((number.registered, number.pin.as_deref()), (false, Some("123456")));
        assert!(number.code_verified && !number.on_biz_app);
        let account = saved.state.account("3").expect("an account");
        assert_eq!(
            (&*account.waba_id, &*account.business_id, account.subscribed),
            ("2", "1", true)
        );
        assert!(saved.state.tokens["EAAold"].opens("2"));
    }
}
