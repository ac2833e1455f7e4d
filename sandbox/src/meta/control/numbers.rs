//! `/_accounts/{waba}/numbers`: the customer adds, changes or deletes a number.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::accounts::refused;
use super::problem::{Body, Problem};
use crate::meta::World;
use crate::meta::account::{BusinessNumber, SeedAccount};
use crate::meta::number::WaNumber;

/// What may be said of a number.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Wanted {
    /// As dialled; only of a new one.
    phone: Option<String>,
    name: Option<String>,
    /// False: it must be registered before it may send.
    registered: Option<bool>,
    /// A two-step PIN that is set already; empty takes it away.
    pin: Option<String>,
    /// False: its owner did not prove yet that it is theirs.
    code_verified: Option<bool>,
    /// It lives in the business app too.
    on_biz_app: Option<bool>,
}

pub(super) async fn add(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    wanted: Option<Json<Wanted>>,
) -> Result<Json<Value>, Problem> {
    let mut wanted = wanted.map(|Json(wanted)| wanted).unwrap_or_default();
    let dialled = wanted.phone.take().unwrap_or_else(SeedAccount::invented_number);
    let number =
        WaNumber::parse(&dialled).ok_or_else(|| Problem::bad("phone is not a telephone number"))?;
    let answer = {
        let mut state = world.state();
        let name = state.waba(&waba_id).map(|waba| waba.name.clone()).unwrap_or_default();
        let mut number = BusinessNumber::new(waba_id, number, name);
        apply(&mut number, wanted);
        let answer = describe(&number);
        state.add_number(number).map_err(refused)?;
        answer
    };
    world.mark_changed();
    Ok(Json(answer))
}

pub(super) async fn change(
    State(world): State<World>,
    Path((waba_id, id)): Path<(String, String)>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    if wanted.phone.is_some() {
        return Err(Problem::bad("a number keeps its phone"));
    }
    let answer = {
        let mut state = world.state();
        let number = state.numbers.get_mut(&id).filter(|number| number.waba_id == waba_id);
        let number = number.ok_or_else(|| Problem::missing("no such number"))?;
        apply(number, wanted);
        describe(number)
    };
    world.mark_changed();
    Ok(Json(answer))
}

pub(super) async fn remove(
    State(world): State<World>,
    Path((waba_id, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    {
        let mut state = world.state();
        if state.numbers.get(&id).is_none_or(|number| number.waba_id != waba_id) {
            return Err(Problem::missing("no such number"));
        }
        state.numbers.remove(&id);
    }
    world.mark_changed();
    Ok(StatusCode::NO_CONTENT)
}

fn apply(number: &mut BusinessNumber, wanted: Wanted) {
    let Wanted { phone: _, name, registered, pin, code_verified, on_biz_app } = wanted;
    if let Some(name) = name {
        number.verified_name = name;
    }
    if let Some(pin) = pin {
        number.pin = Some(pin).filter(|pin| !pin.is_empty());
    }
    number.registered = registered.unwrap_or(number.registered);
    number.code_verified = code_verified.unwrap_or(number.code_verified);
    number.on_biz_app = on_biz_app.unwrap_or(number.on_biz_app);
}

/// A number as the controls show it.
pub(super) fn describe(number: &BusinessNumber) -> Value {
    let BusinessNumber {
        phone_number_id,
        waba_id: _,
        number: dialled,
        verified_name,
        registered,
        pin,
        registrations: _,
        code_verified,
        on_biz_app,
    } = number;
    json!({
        "phoneNumberId": phone_number_id, "phone": dialled.as_str(),
        "displayPhoneNumber": number.display(), "verifiedName": verified_name,
        "registered": registered, "pin": pin, "codeVerified": code_verified,
        "onBizApp": on_biz_app,
    })
}
