//! What an error looks like on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Parts, Problem};
use crate::identity::RequestId;

/// RFC 9457 with the platform's own `error` object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// One sentence for a person.
    pub detail: String,
    /// What dashboards read.
    pub error: ErrorBody,
    /// Names the request in our logs.
    pub request_id: String,
    /// Wrong fields; only with `VALIDATION_ERROR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<FieldError>>,
}

/// The platform's own error object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub struct ErrorBody {
    /// The error's public name.
    #[schema(example = "WINDOW_CLOSED")]
    pub name: &'static str,
    /// What it means here.
    pub details: String,
    /// What Meta said; only with `META_REJECTED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub meta: Option<MetaError>,
}

/// One wrong field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Its path in the request.
    #[schema(example = "text")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "must be 1 to 4096 characters")]
    pub message: String,
}

/// What Meta said when it refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetaError {
    /// Meta's code.
    pub code: Option<i32>,
    /// Meta's second code.
    pub subcode: Option<i32>,
    /// Meta's words.
    pub details: Option<String>,
    /// Names the request at Meta.
    pub fbtrace_id: Option<String>,
    /// The message that failed, when one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message_id: Option<String>,
}

impl ProblemBody {
    pub(super) fn new(problem: &Problem, request_id: &RequestId) -> Self {
        let Parts { name, detail, fields, meta, retry_after: _, cause: _ } = &*problem.0;
        let status = name.status();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.to_string(),
            error: ErrorBody {
                name: name.as_str(),
                details: detail.to_string(),
                meta: meta.clone(),
            },
            request_id: request_id.as_str().to_owned(),
            errors: (!fields.is_empty()).then(|| fields.clone()),
        }
    }
}
