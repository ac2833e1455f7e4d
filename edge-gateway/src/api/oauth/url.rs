//! `GET /api/auth/whatsapp/url`: the way to Meta's dialog.

use axum::{
    Json,
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
};
use linkojob_proto::v1::{BeginConsentRequest, BeginConsentResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie;
use crate::{
    api::{Params, time},
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Where to send the person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// At Meta; good once, for this browser.
    url: String,
    /// When it is worth nothing any more.
    expires_at: String,
}

type Headers = [(HeaderName, HeaderValue); 2];

/// Makes the address at Meta where a person consents, and marks their browser.
#[utoipa::path(
    get,
    path = "/api/auth/whatsapp/url",
    tag = "oauth",
    responses(
        (
            status = 200,
            description = "where to send the person",
            body = Consent,
            headers(("Set-Cookie" = String, description = "`__Host-wa_oauth`, by which the callback knows the browser again")),
        ),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin(
    State(gateway): State<Gateway>,
    caller: Caller,
    params: Params,
) -> Result<(Headers, Json<Consent>), Problem> {
    params.finish()?;
    let request = BeginConsentRequest { owner: caller.owner() };
    let answer = gateway.core.begin_consent(&caller.call(), request).await?;
    let BeginConsentResponse { url, expires_at, browser_secret } = answer;
    let consent = Consent { url, expires_at: time(expires_at, "consent.expires_at")? };
    let cookie = cookie::set(&browser_secret)?;
    let headers = [(SET_COOKIE, cookie), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((headers, Json(consent)))
}
