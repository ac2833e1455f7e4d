//! The way to the edge: what NGINX does in production, in process.

use std::net::{Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, OriginalUri, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use super::caller::{Caller, strip_choice};
use super::{Front, paths};

const EMAIL: HeaderName = HeaderName::from_static("email");
const ROLE: HeaderName = HeaderName::from_static("role");
const GATEWAY_SECRET: HeaderName = HeaderName::from_static("x-gateway-secret");

/// Calls the edge with the caller's identity in place of whatever the sender claimed.
pub(super) async fn forward(State(front): State<Front>, mut request: Request) -> Response {
    if !paths::belongs_to_edge(request.uri().path()) {
        return (StatusCode::NOT_FOUND, "There is nothing here.").into_response();
    }
    let caller = request.extensions_mut().remove::<Caller>();
    if caller.is_some() {
        *request.uri_mut() = without_choice(request.uri());
    }
    identify(request.headers_mut(), caller, front.gateway_secret);

    // The edge must see the request as if it had arrived at its own listener.
    let extensions = request.extensions_mut();
    extensions.remove::<OriginalUri>();
    extensions.insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));

    match front.edge.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn identify(headers: &mut HeaderMap, caller: Option<Caller>, secret: Option<HeaderValue>) {
    for forgeable in [EMAIL, ROLE, GATEWAY_SECRET] {
        headers.remove(forgeable);
    }
    if let Some(Caller { email, role }) = caller {
        // Cannot fail: the address was parsed as visible ASCII. Without the header the edge
        // would answer 401, so nothing is gained by a wrong guess here.
        if let Ok(email) = HeaderValue::try_from(email) {
            headers.insert(EMAIL, email);
        }
        headers.insert(ROLE, HeaderValue::from_static(role));
    }
    if let Some(secret) = secret {
        headers.insert(GATEWAY_SECRET, secret);
    }
}

fn without_choice(uri: &Uri) -> Uri {
    let Some(query) = uri.query() else {
        return uri.clone();
    };
    let path_and_query = match strip_choice(query) {
        empty if empty.is_empty() => uri.path().to_owned(),
        rest => format!("{}?{rest}", uri.path()),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_leaves_no_trace_in_the_address() {
        let uri = Uri::from_static("/api/clients?as=a%40b.test&limit=2");
        assert_eq!(without_choice(&uri), Uri::from_static("/api/clients?limit=2"));
        let uri = Uri::from_static("/api/clients?as=a%40b.test");
        assert_eq!(without_choice(&uri), Uri::from_static("/api/clients"));
    }
}
