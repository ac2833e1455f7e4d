//! `signed_request`: the form in which Meta calls us about a person, and its only identity.
//!
//! `b64url(HMAC-SHA256(payload, app secret)) "." payload`, the payload itself base64url of JSON.

use axum::{
    extract::{FromRequest, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};
use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use linkojob_proto::v1::DeauthorizeRequest;
use prost_types::Timestamp;
use serde_json::Value;
use utoipa::ToSchema;

use super::pairs::{FORM, Pairs, Unclear};
use crate::{
    api::json,
    config::Secret,
    gateway::Gateway,
    limits,
    problem::{Name, Problem},
    webhook::signature,
};

/// The longest id of a person at Meta.
const USER: usize = 64;
/// The end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// Meta pads in some places and not in others.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What Meta signed about a person.
#[derive(Debug)]
pub(crate) struct SignedRequest {
    user_id: String,
    issued_at: Option<Timestamp>,
}

/// The form of Meta's callbacks.
#[derive(ToSchema)]
#[schema(as = SignedRequest)]
#[expect(dead_code, reason = "describes the form; Pairs reads it")]
pub struct SignedRequestForm {
    /// A signature and what it is over, both base64url, with a dot between them.
    signed_request: String,
}

impl SignedRequest {
    /// The call for the core.
    pub(crate) fn into_request(self, delete_data: bool) -> DeauthorizeRequest {
        let Self { user_id, issued_at } = self;
        DeauthorizeRequest { user_id, issued_at, delete_data }
    }

    /// Reads what was signed. Meta may add to it.
    fn read(payload: &Value) -> Result<Self, Problem> {
        let user_id = user_id(&payload["user_id"])
            .ok_or_else(|| Problem::field("user_id", "must be Meta's id of a person"))?;
        let issued_at = match &payload["issued_at"] {
            Value::Null => None,
            given => Some(seconds(given).ok_or_else(|| {
                Problem::field("issued_at", "must be a time in seconds since 1970")
            })?),
        };
        Ok(Self { user_id, issued_at })
    }
}

impl FromRequest<Gateway> for SignedRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_form(&parts.headers) {
            let detail = "The body must be application/x-www-form-urlencoded, not encoded.";
            return Err(Problem::new(Name::UnsupportedMediaType, detail));
        }
        let body = limits::read(&parts.headers, body, limits::FORM_BODY).await?;
        let signed = Pairs::of_form(body).await.and_then(|mut form| form.take("signed_request"));
        let signed = signed.map_err(|Unclear| signature::refused())?;
        Self::read(&open(&signed, &gateway.app_secrets)?)
    }
}

/// The payload, once its signature is known to be Meta's.
fn open(signed: &str, secrets: &[Secret]) -> Result<Value, Problem> {
    let (mac, payload) = signed.split_once('.').ok_or_else(signature::refused)?;
    let mac = BASE64URL.decode(mac).map_err(|_| signature::refused())?;
    if !signature::fits(secrets, payload.as_bytes(), &mac) {
        return Err(signature::refused());
    }
    let unreadable = || Problem::field("signed_request", "must hold a JSON object in base64url");
    let payload = BASE64URL.decode(payload).map_err(|_| unreadable())?;
    let payload = json::parse(&payload).map_err(|_| unreadable())?;
    if !payload.is_object() {
        return Err(unreadable());
    }
    let algorithm = payload["algorithm"].as_str().unwrap_or_default();
    if algorithm.eq_ignore_ascii_case("HMAC-SHA256") {
        Ok(payload)
    } else {
        Err(signature::refused().because("signed by another algorithm"))
    }
}

fn user_id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64()?.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let fits = (1..=USER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(text)
}

fn seconds(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_i64().filter(|seconds| (0..=LAST_SECOND).contains(seconds))?;
    Some(Timestamp { seconds, nanos: 0 })
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return false };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(FORM) && !headers.contains_key(CONTENT_ENCODING)
}
