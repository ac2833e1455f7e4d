//! `POST /api/auth/whatsapp/deauthorize`: a person took our app's access away at Meta.

use axum::{Extension, Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::signed_request::{SignedRequest, SignedRequestForm};
use crate::{
    core::Call,
    gateway::Gateway,
    identity::RequestId,
    problem::{Problem, ProblemBody},
};

/// The acknowledgement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deauthorized {
    /// Always true.
    success: bool,
}

/// Takes Meta's word that access was taken away. Saying it again changes nothing.
#[utoipa::path(
    post,
    path = "/api/auth/whatsapp/deauthorize",
    tag = "oauth",
    security(()),
    request_body(content = SignedRequestForm, content_type = "application/x-www-form-urlencoded", description = "at most 64 KiB"),
    responses(
        (status = 200, description = "done", body = Deauthorized),
        (status = 401, description = "not signed by Meta", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "not done; send it again", body = ProblemBody, content_type = "application/problem+json"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn deauthorize(
    State(gateway): State<Gateway>,
    Extension(request_id): Extension<RequestId>,
    signed: SignedRequest,
) -> Result<Json<Deauthorized>, Problem> {
    // Any core will do: whose clients these are, the core finds out.
    let call = Call { actor: None, key: request_id.as_str().to_owned(), request_id };
    gateway.core.deauthorize(&call, signed.into_request(false)).await?;
    Ok(Json(Deauthorized { success: true }))
}
