//! `POST /api/webhooks`: one delivery, kept before it is acknowledged.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, header::CONTENT_ENCODING},
};
use linkojob_proto::v1::DeliverRequest;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::signature::Signature;
use crate::{
    core::{Call, DELIVER_DEADLINE},
    gateway::Gateway,
    identity::RequestId,
    limits,
    problem::{Name, Problem, ProblemBody},
};

/// The acknowledgement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    /// Always true.
    received: bool,
}

/// Takes one delivery: limits, signature over the raw bytes, then the core.
///
/// A body that is no JSON is handed on like any other: refusing it would make Meta repeat it for a
/// week.
#[utoipa::path(
    post,
    path = "/api/webhooks",
    tag = "webhooks",
    security(()),
    params(("X-Hub-Signature-256" = String, Header, description = "`sha256=` and 64 hex digits")),
    request_body(content = Object, description = "Meta's delivery, at most 4 MiB"),
    responses(
        (status = 200, description = "kept", body = Received),
        (status = 503, description = "not kept; send it again", body = ProblemBody, content_type = "application/problem+json"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn receive(
    State(gateway): State<Gateway>,
    axum::Extension(request_id): axum::Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Received>, Problem> {
    if headers.contains_key(CONTENT_ENCODING) {
        let detail = "A webhook must not be encoded: its signature is over the bytes.";
        return Err(Problem::new(Name::UnsupportedMediaType, detail));
    }
    let signature = Signature::from_headers(&headers)?;
    let Ok(_place) = gateway.webhook_places.try_acquire() else {
        return Err(Problem::unavailable("too many deliveries at once"));
    };
    let body = limits::read(&headers, body, limits::WEBHOOK_BODY).await?;
    signature.check(&gateway.app_secrets, &body)?;

    // Any core will do; the request's id spreads deliveries over them.
    let call = Call { actor: None, key: request_id.as_str().to_owned(), request_id };
    let delivery = gateway.core.deliver(&call, DeliverRequest { body });
    match timeout(DELIVER_DEADLINE, delivery).await {
        Ok(Ok(_kept)) => Ok(Json(Received { received: true })),
        Ok(Err(status)) => Err(Problem::unavailable(format!(
            "the core did not keep a delivery: {:?} {}",
            status.code(),
            status.message()
        ))),
        Err(_) => Err(Problem::unavailable("the core did not keep a delivery in time")),
    }
}
