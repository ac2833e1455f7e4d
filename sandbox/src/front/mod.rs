//! What the sandbox serves on its one address: the page, the simulated Meta, the candidates'
//! phones and, behind the identity headers that NGINX would add, the edge.
//!
//! Invariant: no request reaches the edge with identity headers that its sender wrote, and no
//! request reaches anything under a host name other than this machine's own.

mod caller;
mod gateway;
mod guard;
mod info;
mod paths;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

pub use info::Info;

use crate::page;

/// What the front must be told by whoever starts it. Holds secrets, hence no `Debug`.
#[derive(Clone)]
pub struct FrontConfig {
    /// The port people write in the address bar; a request that names another one is refused.
    pub port: u16,
    /// Sent as `x-gateway-secret` when the edge asks for one.
    pub gateway_secret: Option<HeaderValue>,
    /// What the page needs to know before its first call.
    pub info: Info,
}

/// Shared by the handlers of the front.
#[derive(Clone)]
struct Front {
    edge: Router,
    gateway_secret: Option<HeaderValue>,
    info: Arc<Info>,
}

/// Refuses requests to a router that name another host than this machine: a page of another site
/// could point its own name here (DNS rebinding).
pub fn local_only(router: Router, port: u16) -> Router {
    router.layer(from_fn_with_state(port, guard::check))
}

/// Joins the three routers and the page under one address.
///
/// The edge is called in process as a service, not through a socket: a WebSocket upgrade works
/// because hyper's handle travels in the request's extensions.
pub fn router(edge: Router, graph: Router, phone: Router, config: FrontConfig) -> Router {
    let FrontConfig { port, gateway_secret, info } = config;
    let gateway_secret = gateway_secret.map(|mut secret| {
        secret.set_sensitive(true);
        secret
    });
    let front = Front { edge, gateway_secret, info: Arc::new(info) };

    // Everything without a route of its own is offered to the edge. Routes with wildcards would
    // leave their parameters in the request, where the edge's own extractors would find them.
    let recruiter = Router::new()
        .route("/sandbox/info", get(info::show))
        .fallback(gateway::forward)
        .with_state(front)
        .merge(page::router())
        .layer(from_fn(caller::choose));

    local_only(Router::new().merge(recruiter).nest("/graph", graph).nest("/phone", phone), port)
}
