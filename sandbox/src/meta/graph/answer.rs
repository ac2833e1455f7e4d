//! Answers in Meta's spelling.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::meta::wire;

/// A JSON answer with Meta's escapes.
#[must_use]
pub fn json(status: StatusCode, value: &Value) -> Response {
    text(status, "application/json; charset=UTF-8", wire::to_json(value))
}

/// The page a gateway shows when it has nobody to ask.
#[must_use]
pub fn html(status: StatusCode) -> Response {
    let page = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>";
    text(status, "text/html; charset=utf-8", page.to_owned())
}

/// A page of ours. It loads nothing; its form must lead wherever our app has listed, which a policy
/// about forms would also apply to.
pub(super) fn page(status: StatusCode, html: String) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                          frame-ancestors 'none'";
    let mut response = text(status, "text/html; charset=utf-8", html);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer(pub Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}
