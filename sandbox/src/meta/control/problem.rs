//! What the controls and the phones answer to a request they do not understand.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, extract::FromRequest, extract::FromRequestParts};
use serde_json::json;

/// A refusal in one sentence.
#[derive(Debug)]
pub(in crate::meta) struct Problem(StatusCode, String);

impl Problem {
    /// The request is wrong.
    pub(in crate::meta) fn bad(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }

    /// The object is not there.
    pub(in crate::meta) fn missing(why: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, why.into())
    }

    /// It clashes with what is there.
    pub(in crate::meta) fn conflict(why: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, why.into())
    }

    /// The service under test did not answer.
    pub(in crate::meta) fn gateway(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_GATEWAY, why.into())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, why) = self;
        (status, Json(json!({"error": why}))).into_response()
    }
}

/// A JSON body; anything else is a [`Problem`].
#[derive(Debug, FromRequest)]
#[from_request(via(Json), rejection(Problem))]
pub(in crate::meta) struct Body<T>(pub(in crate::meta) T);

/// A query string; anything else is a [`Problem`].
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(in crate::meta) struct Params<T>(pub(in crate::meta) T);
