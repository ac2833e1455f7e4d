//! `POST /_accounts/{waba}/codes`: a person went through the popup of Embedded Signup.
//!
//! Answers the code and what the popup posts to its page: `{"code": …, "session": {"type":
//! "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {"phone_number_id", "waba_id", …}}}`. The session
//! is what a browser claims; only the code is worth something.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::meta::World;
use crate::meta::oauth::{self, Consent};
use crate::meta::state::State as Memory;

/// What the person chose.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Choice {
    /// The number to report; the first one if nothing is said.
    phone_number_id: Option<String>,
    /// Stopped before a number was added: `FINISH_ONLY_WABA`.
    only_waba: bool,
    /// Accounts that are shared as well.
    more_waba_ids: Vec<String>,
    /// What was allowed; the usual if nothing is said.
    scopes: Option<Vec<String>>,
    /// Lifetime of the token; 0 is for ever, and what the app is set to if nothing is said.
    expires_in_seconds: Option<u32>,
}

pub(super) async fn mint(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    choice: Option<Json<Choice>>,
) -> Result<Json<Value>, Problem> {
    let Choice { phone_number_id, only_waba, more_waba_ids, scopes, expires_in_seconds } =
        choice.map(|Json(choice)| choice).unwrap_or_default();
    let mut waba_ids = vec![waba_id.clone()];
    waba_ids.extend(more_waba_ids);
    let (session, lifetime_secs) = {
        let state = world.state();
        if waba_ids.iter().any(|id| state.waba(id).is_none()) {
            return Err(Problem::missing("no such account"));
        }
        let number = reported(&state, &waba_id, phone_number_id, only_waba)?;
        let lifetime_secs = expires_in_seconds.unwrap_or(state.app.token_seconds);
        (session(&state, &waba_ids, number.as_deref()), lifetime_secs)
    };
    let usual = Consent::usual(waba_ids, lifetime_secs);
    let consent = match scopes {
        Some(scopes) => Consent { scopes, ..usual },
        None => usual,
    };
    let code = oauth::give(&world, consent, None);
    Ok(Json(json!({"code": code, "session": session})))
}

/// The number that the popup reports.
fn reported(
    state: &Memory,
    waba_id: &str,
    named: Option<String>,
    only_waba: bool,
) -> Result<Option<String>, Problem> {
    match (named, only_waba) {
        (Some(_), true) => Err(Problem::bad("onlyWaba has no phoneNumberId")),
        (None, true) => Ok(None),
        // A browser may claim any number, also one of somebody else.
        (Some(id), false) => Ok(Some(id)),
        (None, false) => {
            Ok(state.numbers_of(waba_id).next().map(|number| number.phone_number_id.clone()))
        }
    }
}

/// What the popup says of the first of these accounts.
fn session(state: &Memory, waba_ids: &[String], phone_number_id: Option<&str>) -> Value {
    let none: [&str; 0] = [];
    let waba = waba_ids.first().and_then(|id| state.waba(id));
    let mut data = json!({
        "waba_id": waba.map(|waba| &waba.waba_id), "waba_ids": waba_ids,
        "business_id": waba.map(|waba| &waba.business_id),
        "ad_account_ids": none, "page_ids": none, "dataset_ids": none, "catalog_ids": none,
        "instagram_account_ids": none,
    });
    if let Some(id) = phone_number_id {
        data["phone_number_id"] = json!(id);
    }
    let number = phone_number_id.and_then(|id| state.numbers.get(id));
    let event = match (phone_number_id, number.is_some_and(|number| number.on_biz_app)) {
        (None, _) => "FINISH_ONLY_WABA",
        (Some(_), false) => "FINISH",
        (Some(_), true) => "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
    };
    json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data})
}
