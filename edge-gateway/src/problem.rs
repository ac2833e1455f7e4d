//! The map from everything that can go wrong to `application/problem+json`; nothing else in the
//! edge makes an HTTP error.
//!
//! A handler returns a [`Problem`]; the body is written by the outermost layer ([`render`]), which
//! alone knows the request's id and logs the failure once.

mod body;
mod name;
pub(crate) mod render;
mod status;

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};

pub use self::{
    body::{FieldError, MetaError, ProblemBody},
    name::Name,
};

/// Why a request was not served.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    name: Name,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    meta: Option<MetaError>,
    retry_after: Option<u64>,
    /// For the log alone.
    cause: Option<String>,
}

impl Problem {
    /// A problem with its name and a sentence for the caller.
    #[must_use]
    pub fn new(name: Name, detail: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = name.waiting_helps().then_some(1);
        let detail = detail.into();
        Self(Box::new(Parts {
            name,
            detail,
            fields: Vec::new(),
            meta: None,
            retry_after,
            cause: None,
        }))
    }

    /// One wrong field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// All wrong fields of a request.
    #[must_use]
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [FieldError { field, message }] => format!("{field} {message}."),
            _ => "The request has fields that are not valid.".to_owned(),
        };
        let mut problem = Self::new(Name::ValidationError, detail);
        problem.0.fields = fields;
        problem
    }

    /// A fault of ours; the caller learns no more than that.
    #[must_use]
    pub fn unexpected(cause: impl Into<String>) -> Self {
        Self::new(Name::UnexpectedError, Name::UnexpectedError.sentence()).because(cause)
    }

    /// The service cannot serve now.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self::new(Name::ServiceUnavailable, Name::ServiceUnavailable.sentence()).because(cause)
    }

    /// Adds what only the log may know.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The problem's name.
    #[must_use]
    pub fn name(&self) -> Name {
        self.0.name
    }
}

/// Left in an answer that tells of a problem by where it sends the browser: the outermost layer logs
/// it, and does not write it.
#[derive(Clone, Debug)]
pub(crate) struct Redirected(pub Problem);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.name.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
