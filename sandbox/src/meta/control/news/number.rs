//! News of numbers.
//!
//! Invariant: where Meta names a number by its digits alone, so does this; there is no id to match.

use serde_json::{Map, Value, json};

use super::merged;
use crate::meta::account::BusinessNumber;
use crate::meta::control::Problem;
use crate::meta::state::State as Memory;

const PER_NUMBER: u32 = 23;

/// The number that is meant, or the first one.
fn meant<'a>(
    state: &'a mut Memory,
    waba_id: &str,
    id: Option<&str>,
) -> Result<&'a mut BusinessNumber, Problem> {
    let mut numbers = state.numbers.values_mut().filter(|number| number.waba_id == waba_id);
    let found = numbers.find(|number| id.is_none_or(|id| id == number.phone_number_id));
    found.ok_or_else(|| Problem::missing("no such number"))
}

pub(super) fn prepare(
    state: &mut Memory,
    waba_id: &str,
    field: &str,
    different: Map<String, Value>,
    id: Option<&str>,
    version: u32,
) -> Result<Value, Problem> {
    let number = meant(state, waba_id, id)?;
    let mut usual = json!({"display_phone_number": number.number.as_str()});
    match field {
        "phone_number_name_update" => {
            usual["decision"] = json!("APPROVED");
            usual["requested_verified_name"] = json!(number.verified_name);
            usual["rejection_reason"] = json!("NONE");
        }
        "security" => {
            usual["event"] = json!("PIN_CHANGED");
            usual["requester"] = json!("100000000000001");
        }
        _ => {
            usual["event"] = json!("ONBOARDING");
            usual["current_limit"] = json!("TIER_250");
            if version > PER_NUMBER {
                usual["max_daily_conversations_per_business"] = json!("TIER_250");
            }
        }
    }
    let value = merged(usual, different);
    let name = value["requested_verified_name"].as_str();
    if let Some(name) = name.filter(|_| value["decision"] == "APPROVED") {
        name.clone_into(&mut number.verified_name);
    }
    Ok(value)
}

/// A field that is not known here; about a number, it says which.
pub(super) fn raw(
    state: &mut Memory,
    waba_id: &str,
    value: Map<String, Value>,
    id: Option<&str>,
) -> Result<Value, Problem> {
    let Some(id) = id else { return Ok(Value::Object(value)) };
    let number = meant(state, waba_id, Some(id))?;
    let usual = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number.number.as_str(), "phone_number_id": id,
        },
    });
    Ok(merged(usual, value))
}
