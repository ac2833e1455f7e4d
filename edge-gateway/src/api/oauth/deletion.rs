//! `POST /api/auth/whatsapp/data-deletion`: a person wants to be forgotten.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, Uri, uri::Authority},
};
use linkojob_proto::v1::DeauthorizeResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::signed_request::{SignedRequest, SignedRequestForm};
use crate::{
    api::Malformed,
    core::Call,
    gateway::Gateway,
    identity::{RequestId, single},
    problem::{Problem, ProblemBody},
};

const STATUS: &str = "/api/auth/whatsapp/data-deletion";

/// What Meta shows to the person; its names are Meta's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deletion {
    /// Where the person can see what became of it.
    url: String,
    /// Recognises the request.
    confirmation_code: String,
}

/// Ends the person's connections and forgets what came with them, before it is answered.
#[utoipa::path(
    post,
    path = "/api/auth/whatsapp/data-deletion",
    tag = "oauth",
    security(()),
    request_body(content = SignedRequestForm, content_type = "application/x-www-form-urlencoded", description = "at most 64 KiB"),
    responses(
        (status = 200, description = "done", body = Deletion),
        (status = 401, description = "not signed by Meta", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "not done; send it again", body = ProblemBody, content_type = "application/problem+json"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(gateway): State<Gateway>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
    signed: SignedRequest,
) -> Result<Json<Deletion>, Problem> {
    // Any core will do: whose clients these are, the core finds out.
    let call = Call { actor: None, key: request_id.as_str().to_owned(), request_id };
    let answer = gateway.core.deauthorize(&call, signed.into_request(true)).await?;
    let DeauthorizeResponse { confirmation_code, status_url } = answer;
    if confirmation_code.is_empty() {
        return Err(Malformed("confirmation_code").into());
    }
    let url = match status_url.is_empty() {
        true => format!("{}{STATUS}?code={confirmation_code}", own_origin(&uri, &headers)),
        false => status_url,
    };
    Ok(Json(Deletion { url, confirmation_code }))
}

/// Where Meta found us; empty when it did not say. The gateway ends TLS, and Meta calls nothing else.
fn own_origin(uri: &Uri, headers: &HeaderMap) -> String {
    let host = match single(headers, "host") {
        Ok(Some(host)) => Authority::try_from(host.as_bytes()).ok(),
        Ok(None) => uri.authority().cloned(),
        Err(_) => None,
    };
    let host = host.filter(|host| !host.as_str().contains('@'));
    host.map(|host| format!("https://{host}")).unwrap_or_default()
}
