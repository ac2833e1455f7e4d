//! Onboarding: what people and Meta come back with.

use linkojob_proto::v1 as pb;

use super::{Fields, given};
use crate::{
    domain::{
        ids::{PhoneNumberId, WabaId},
        refusal::Refusal,
        time::Timestamp,
    },
    flows::onboard::{Came, Returned, Wanted, Withdrawal},
    secret::Secret,
};

/// The longest code; Meta's have a few hundred characters.
const CODE: usize = 4096;
/// The longest id of a person.
const USER: usize = 64;

/// Reads what Meta sent a person back with. Nothing is refused here: the state is used up whatever else
/// came, and an odd state or secret is an unknown one.
pub(in crate::grpc) fn returned(
    request: pb::CompleteConsentRequest,
    person: Option<String>,
) -> Returned {
    let pb::CompleteConsentRequest { state, code, error, browser_secret } = request;
    let came = match (given(code), given(error)) {
        // An error decides, whatever else is there.
        (_, Some(_)) => Came::Refused,
        (Some(text), None) => code_of(text).map_or(Came::Nothing, Came::Code),
        (None, None) => Came::Nothing,
    };
    let (state, browser_secret) = (Secret::new(state), Secret::new(browser_secret));
    Returned { state, came, browser_secret, person }
}

/// Reads a code of the popup, and what the browser says that was chosen.
pub(in crate::grpc) fn exchange(
    request: pb::ExchangeCodeRequest,
) -> Result<(Secret, Wanted), Refusal> {
    let pb::ExchangeCodeRequest { owner: _, code, phone_number_id, waba_id } = request;
    Ok((code_of(code)?, choice(phone_number_id, waba_id)?))
}

/// Reads what was chosen.
pub(in crate::grpc) fn wanted(request: pb::ResumeOnboardingRequest) -> Result<Wanted, Refusal> {
    let pb::ResumeOnboardingRequest { owner: _, phone_number_id, waba_id } = request;
    choice(phone_number_id, waba_id)
}

/// Reads what a signed request of Meta's says.
pub(in crate::grpc) fn withdrawal(request: pb::DeauthorizeRequest) -> Result<Withdrawal, Refusal> {
    let pb::DeauthorizeRequest { user_id, issued_at, delete_data } = request;
    let mut fields = Fields::default();
    let shaped =
        (1..=USER).contains(&user_id.len()) && user_id.bytes().all(|byte| byte.is_ascii_graphic());
    let user_id = fields.read("user_id", shaped.then_some(user_id).ok_or("must be Meta's id"));
    let issued_at = issued_at.map(|at| Timestamp::from_seconds(at.seconds));
    fields.finish(|| Some(Withdrawal { meta_user_id: user_id?, issued_at, delete_data }))
}

fn choice(number: Option<String>, waba: Option<String>) -> Result<Wanted, Refusal> {
    let mut fields = Fields::default();
    let number = fields.read_if("phone_number_id", number, |text| {
        PhoneNumberId::parse(&text).map_err(|_| "must be Meta's id of a phone number")
    });
    let waba = fields.read_if("waba_id", waba, |text| {
        WabaId::parse(&text).map_err(|_| "must be Meta's id of a WhatsApp Business account")
    });
    fields.finish(|| Some(Wanted { phone_number_id: number?, waba_id: waba? }))
}

fn code_of(text: String) -> Result<Secret, Refusal> {
    // Wrapped first, so that a refused code is wiped too.
    let code = Secret::new(text);
    let shaped = (1..=CODE).contains(&code.expose().len())
        && code.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if shaped { Ok(code) } else { Err(Refusal::field("code", "must be the code that Meta gave")) }
}
