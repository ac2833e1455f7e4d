//! Keeps other web pages out.
//!
//! The sandbox listens on loopback only, but any page open in the same browser can aim at
//! loopback: by a host name that resolves to it (DNS rebinding), or by a plain cross-site form.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::paths;

/// Lets a request pass when it names this machine, and when a browser did not send it on behalf
/// of another site.
pub(super) async fn check(State(port): State<u16>, request: Request, next: Next) -> Response {
    if !names_this_machine(request.headers(), request.uri(), port) {
        return refuse("The sandbox answers only to 127.0.0.1, localhost and [::1].");
    }
    // The edge has its own rule about origins, with its own settings.
    let guarded = !request.method().is_safe() && !paths::belongs_to_edge(request.uri().path());
    if guarded && has_foreign_origin(request.headers(), port) {
        return refuse("Another site's page may not change the sandbox.");
    }
    next.run(request).await
}

fn refuse(reason: &'static str) -> Response {
    (StatusCode::FORBIDDEN, reason).into_response()
}

fn names_this_machine(headers: &HeaderMap, uri: &Uri, port: u16) -> bool {
    match only_value(headers, HOST) {
        Ok(Some(host)) => is_own(host, port),
        // HTTP/2 names the host in the request line instead.
        Ok(None) => uri.authority().is_some_and(|authority| is_own(authority.as_str(), port)),
        Err(Ambiguous) => false,
    }
}

fn has_foreign_origin(headers: &HeaderMap, port: u16) -> bool {
    match only_value(headers, ORIGIN) {
        Ok(Some(origin)) => {
            !origin.strip_prefix("http://").is_some_and(|authority| is_own(authority, port))
        }
        Ok(None) => false,
        Err(Ambiguous) => true,
    }
}

/// A header that came twice, or not as text: whom it names depends on who reads it.
struct Ambiguous;

fn only_value(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Ambiguous> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Ambiguous),
        (Some(_), Some(_)) => Err(Ambiguous),
    }
}

fn is_own(authority: &str, port: u16) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else {
        return false;
    };
    let host = parsed.host();
    let local = host == "127.0.0.1" || host == "[::1]" || host.eq_ignore_ascii_case("localhost");
    local && !authority.contains('@') && parsed.port_u16().unwrap_or(80) == port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_on_this_port_is_own() {
        for own in ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"] {
            assert!(is_own(own, 8000), "{own}");
        }
        for foreign in [
            "",
            "localhost",
            "localhost:8001",
            "localhost.example:8000",
            "127.0.0.1.example:8000",
            "example@127.0.0.1:8000",
            "192.168.0.1:8000",
        ] {
            assert!(!is_own(foreign, 8000), "{foreign}");
        }
        assert!(is_own("localhost", 80));
    }
}
