//! A stand-in for the service that knows who is signed in.

use std::net::SocketAddr;

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::net::TcpListener;

/// Where it is asked.
pub const PATH: &str = "/who";

/// The cookie of somebody who is signed in as a manager.
pub fn session(email: &str) -> String {
    format!("theme=dark; session={email}")
}

/// The cookie of somebody who may not come in.
pub const BLOCKED: &str = "session=blocked";

/// Starts one.
pub async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route(PATH, get(who));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn who(headers: HeaderMap) -> Response {
    let forged =
        ["email", "role", "x-gateway-secret"].iter().any(|name| headers.contains_key(*name));
    let path = headers.get("x-original-path").and_then(|path| path.to_str().ok());
    if forged || path.is_none_or(|path| path.contains('?')) {
        // Would be a fault of the configuration: it is told nothing but what proves who it is.
        return StatusCode::IM_A_TEAPOT.into_response();
    }
    let cookie = headers.get("cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    match cookie.split("session=").nth(1) {
        None => StatusCode::UNAUTHORIZED.into_response(),
        Some("blocked") => StatusCode::FORBIDDEN.into_response(),
        Some(email) => ([("email", email), ("role", "MANAGER")], Json(true)).into_response(),
    }
}
