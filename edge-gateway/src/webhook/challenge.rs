//! `GET /api/webhooks`: Meta verifies the address.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    gateway::Gateway,
    problem::{Name, Problem, ProblemBody},
};

const MAX_CHALLENGE: usize = 256;

type Pairs = Vec<(String, String)>;

/// Repeats Meta's challenge when the verify token is ours.
#[utoipa::path(
    get,
    path = "/api/webhooks",
    tag = "webhooks",
    security(()),
    params(
        ("hub.mode" = String, Query, description = "`subscribe`"),
        ("hub.verify_token" = String, Query, description = "the token given to Meta"),
        ("hub.challenge" = String, Query, description = "1 to 256 of `[A-Za-z0-9_.-]`"),
    ),
    responses(
        (status = 200, description = "the challenge", content_type = "text/plain", body = String),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn verify(
    State(gateway): State<Gateway>,
    pairs: Result<Query<Pairs>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(pairs) = pairs.map_err(|_| Problem::field("query", "cannot be read"))?;
    let mode = one(&pairs, "hub.mode")?;
    let token = one(&pairs, "hub.verify_token")?;
    if mode != "subscribe" || !same(token, gateway.verify_token.reveal()) {
        return Err(Problem::new(Name::VerifyTokenMismatch, Name::VerifyTokenMismatch.sentence()));
    }
    let challenge = one(&pairs, "hub.challenge")?;
    if !is_harmless(challenge) {
        return Err(Problem::field("hub.challenge", "must be 1 to 256 of [A-Za-z0-9_.-]"));
    }
    let headers = [(CONTENT_TYPE, "text/plain"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, challenge.to_owned()).into_response())
}

/// The parameter's value, empty when it is missing.
fn one<'a>(pairs: &'a Pairs, name: &str) -> Result<&'a str, Problem> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (value, None) => Ok(value.unwrap_or_default()),
        (_, Some(_)) => Err(Problem::field(name, "must not be given twice")),
    }
}

/// Compares digests, so that neither content nor length shows in the time it takes.
fn same(given: &str, expected: &str) -> bool {
    let (given, expected) = (Sha256::digest(given), Sha256::digest(expected));
    given.as_slice().ct_eq(expected.as_slice()).into()
}

fn is_harmless(challenge: &str) -> bool {
    (1..=MAX_CHALLENGE).contains(&challenge.len())
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}
