//! `Idempotency-Key`: the same key and the same request are the same send.

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{identity::single, problem::Problem};

const HEADER: &str = "Idempotency-Key";
const MAX: usize = 255;

/// The key of a send; empty when there is none.
#[derive(Debug)]
pub(crate) struct Idempotency(pub String);

impl<S: Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Some(value) = single(&parts.headers, HEADER)? else {
            return Ok(Self(String::new()));
        };
        let text = value.to_str().unwrap_or_default();
        if (1..=MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::field(HEADER, "must be 1 to 255 visible characters"))
        }
    }
}
