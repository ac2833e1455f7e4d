//! The outermost layer: gives every request an id, writes the body of every error and logs each
//! failure once.
//!
//! Errors made by the framework itself (no route, wrong method, a broken path) come as bare statuses
//! or plain text; they get a name here too.

use std::any::Any;

use axum::{
    extract::{MatchedPath, Request},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Name, Problem, ProblemBody, Redirected};
use crate::identity::RequestId;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer itself.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let request_id = RequestId::from_headers(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let mut response = next.run(request).await;
    if let Some(Redirected(problem)) = response.extensions_mut().remove() {
        log(&problem, &request_id, &method, route.as_ref());
    }
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| unnamed(&response));
    let mut response = match problem {
        Some(problem) => {
            log(&problem, &request_id, &method, route.as_ref());
            write(&problem, &request_id, response)
        }
        None => response,
    };
    response.headers_mut().insert(X_REQUEST_ID, request_id.header());
    response
}

/// Turns a panic of a handler into an answer; the panic hook has logged it.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::unexpected("a handler panicked").into_response()
}

/// The problem behind an error that no handler of ours made.
fn unnamed(response: &Response) -> Option<Problem> {
    let status = response.status();
    let ours = response.headers().get(CONTENT_TYPE).is_some_and(|value| {
        value.as_bytes().starts_with(b"application/") || value.as_bytes().starts_with(b"text/html")
    });
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let name = match status {
        StatusCode::NOT_FOUND => Name::RouteNotFound,
        StatusCode::METHOD_NOT_ALLOWED => Name::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Name::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Name::UnsupportedMediaType,
        StatusCode::RANGE_NOT_SATISFIABLE => Name::RangeNotSatisfiable,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Name::Timeout,
        StatusCode::TOO_MANY_REQUESTS => Name::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => Name::ServiceUnavailable,
        status if status.is_client_error() => {
            return Some(Problem::field("request", "cannot be read"));
        }
        _ => Name::UnexpectedError,
    };
    Some(Problem::new(name, name.sentence()))
}

/// Keeps the headers that came with the error (such as `Allow`) and replaces its body.
fn write(problem: &Problem, request_id: &RequestId, response: Response) -> Response {
    let body = ProblemBody::new(problem, request_id);
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.status = problem.name().status();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.name() == Name::PayloadTooLarge {
        // The rest of the body is not read, so nothing more can be asked on this connection.
        parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(seconds) = problem.0.retry_after {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Response::from_parts(parts, bytes.into())
}

/// The route's pattern is logged, never the path: ids are fine, search words are not.
fn log(problem: &Problem, request_id: &RequestId, method: &Method, route: Option<&MatchedPath>) {
    let name = problem.name();
    let cause = problem.0.cause.as_deref().unwrap_or_default();
    let route = route.map_or("none", MatchedPath::as_str);
    let (status, id) = (name.status().as_u16(), request_id.as_str());
    if name.status().is_server_error() {
        tracing::error!(
            request.id = id, http.method = %method, http.route = route, http.status = status,
            error.name = name.as_str(), cause, "request {id} failed"
        );
    } else {
        tracing::info!(
            request.id = id, http.method = %method, http.route = route, http.status = status,
            error.name = name.as_str(), cause, "request {id} refused"
        );
    }
}
