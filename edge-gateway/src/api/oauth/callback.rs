//! `GET /api/auth/whatsapp/callback`: the person comes back from Meta's dialog.
//!
//! Nobody has to be known here: the state says whose connection it is, and the browser's secret or the
//! gateway's word that it is the same person. A gateway that does name somebody is held to it.

use axum::{
    Extension, Json,
    extract::State,
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse as _, Response},
};
use linkojob_proto::v1::{
    self as pb, CompleteConsentRequest, CompleteConsentResponse, GetOnboardingSettingsRequest,
    GetOnboardingSettingsResponse,
};

use super::{
    cookie, landing,
    pairs::{Pairs, Unclear},
};
use crate::{
    api::{clients::model::Client, present},
    core::Call,
    gateway::Gateway,
    identity::{RequestId, guard},
    problem::{Name, Problem, ProblemBody, Redirected},
};

/// The longest value that is handed on; Meta's codes have a few hundred characters.
const LONGEST: usize = 4096;

/// Takes what Meta sent the person back with. A browser is sent on to the dashboard, with `result` and
/// `reason` in the query; everybody else reads the client, or the problem.
#[utoipa::path(
    get,
    path = "/api/auth/whatsapp/callback",
    tag = "oauth",
    security((), ("email" = [], "role" = [])),
    params(
        ("state" = String, Query, description = "as it stood in the address at Meta; used up whatever comes of it"),
        ("code" = Option<String>, Query, description = "Meta's code for a token"),
        ("error" = Option<String>, Query, description = "Meta's word for why there is no code"),
        ("__Host-wa_oauth" = Option<String>, Cookie, description = "what `/api/auth/whatsapp/url` set"),
    ),
    responses(
        (status = 200, description = "the client; one that is not `CONNECTED` says in `attention` what to do", body = Client),
        (status = 303, description = "a browser goes on to the dashboard: `result` is `connected`, `denied` or `failed`, `reason` the name of the error or of the client's attention"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn callback(
    State(gateway): State<Gateway>,
    Extension(request_id): Extension<RequestId>,
    parts: Parts,
) -> Response {
    // Any core will do; the request's id spreads the calls over them.
    let call = Call { actor: None, key: request_id.as_str().to_owned(), request_id };
    let outcome = complete(&gateway, &call, &parts).await;
    let mut response = match landing::is_browser(&parts.headers) {
        true => send_on(&gateway, &call, outcome).await,
        false => told(outcome),
    };
    let headers = response.headers_mut();
    headers.insert(SET_COOKIE, cookie::clear());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn complete(gateway: &Gateway, call: &Call, parts: &Parts) -> Result<pb::Client, Problem> {
    // Whoever only looks at a link must not use its state up.
    if parts.method == Method::HEAD {
        return Err(Problem::new(Name::MethodNotAllowed, Name::MethodNotAllowed.sentence()));
    }
    let actor = guard::person(gateway, parts)?;
    let request = read(parts).map_err(|Unclear| {
        Problem::new(Name::OauthStateInvalid, Name::OauthStateInvalid.sentence())
    })?;
    let call = Call { actor, ..call.clone() };
    let answer = gateway.core.complete_consent(&call, request).await?;
    let CompleteConsentResponse { client } = answer;
    Ok(present(client, "client")?)
}

/// What cannot be a state has nothing that could be used up.
fn read(parts: &Parts) -> Result<CompleteConsentRequest, Unclear> {
    let mut pairs = Pairs::of_query(&parts.uri)?;
    let mut take = |name| pairs.take(name).and_then(bounded);
    let (state, code, error, reason) =
        (take("state")?, take("code")?, take("error")?, take("error_reason")?);
    if state.is_empty() {
        return Err(Unclear);
    }
    let error = if error.is_empty() { reason } else { error };
    let browser_secret = cookie::get(&parts.headers);
    Ok(CompleteConsentRequest { state, code, error, browser_secret })
}

fn bounded(value: String) -> Result<String, Unclear> {
    if value.len() <= LONGEST { Ok(value) } else { Err(Unclear) }
}

fn told(outcome: Result<pb::Client, Problem>) -> Response {
    let client = outcome.and_then(|client| Ok(Client::try_from(client)?));
    client.map(Json).into_response()
}

/// Sends a browser on; it reads the outcome here when there is nowhere to go.
async fn send_on(gateway: &Gateway, call: &Call, outcome: Result<pb::Client, Problem>) -> Response {
    let settings = gateway.core.get_onboarding_settings(call, GetOnboardingSettingsRequest {});
    let return_url = match settings.await {
        Ok(GetOnboardingSettingsResponse { return_url }) => return_url,
        Err(status) => {
            let (id, code) = (call.request_id.as_str(), status.code());
            tracing::warn!(
                request.id = id,
                "request {id}: no core said where the browser goes: {code:?}"
            );
            String::new()
        }
    };
    let Some(location) = landing::address(&return_url, &outcome) else { return told(outcome) };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    if let Err(problem) = outcome {
        response.extensions_mut().insert(Redirected(problem));
    }
    response
}
