//! Every route, in one list. Each route is registered together with its description, so the API
//! document cannot tell of one that does not exist.

use axum::{Router, extract::Request, http::HeaderValue, middleware, response::Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{clients, conversations, events, messages, oauth, operations, templates},
    gateway::Gateway,
    identity::guard,
    openapi::{self, ApiDocument},
    problem::{Name, Problem, render},
    realtime, webhook,
};

/// Reached without identity: Meta, people whom Meta sends back, probes, and readers of the API
/// document.
fn public() -> OpenApiRouter<Gateway> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(webhook::challenge::verify, webhook::receive::receive))
        .routes(routes!(oauth::callback::callback))
        .routes(routes!(oauth::deauthorize::deauthorize))
        .routes(routes!(oauth::deletion::delete, oauth::deletion_status::show))
        .routes(routes!(operations::live::live))
        .routes(routes!(operations::ready::ready))
}

/// Behind the guard: company roles and administrators.
fn guarded() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(clients::create::create, clients::list::list))
        .routes(routes!(clients::mine::read, clients::update::update, clients::delete::delete))
        .routes(routes!(clients::register::register))
        .routes(routes!(clients::get::get))
        .routes(routes!(oauth::url::begin))
        .routes(routes!(oauth::exchange::exchange))
        .routes(routes!(oauth::resume::resume))
        .routes(routes!(oauth::disconnect::disconnect))
        .routes(routes!(messages::send_text::send_text))
        .routes(routes!(messages::send_template::send_template))
        .routes(routes!(messages::get::get))
        .routes(routes!(messages::media::download))
        .routes(routes!(conversations::list::list))
        .routes(routes!(conversations::get::get, conversations::delete::delete))
        .routes(routes!(conversations::messages::messages))
        .routes(routes!(conversations::read::read))
        .routes(routes!(conversations::window::window))
        .routes(routes!(templates::list::list))
        .routes(routes!(templates::sync::sync))
        .routes(routes!(templates::purpose::set_purpose))
        .routes(routes!(events::list::events))
        .routes(routes!(realtime::ws::open))
        .routes(routes!(operations::health::health))
        .routes(routes!(operations::connectivity::connectivity))
}

/// The whole router. Unknown paths and methods come after the guard, so that a stranger learns
/// nothing about which paths exist.
pub(crate) fn build(gateway: Gateway) -> Router {
    let (public, mut document) = public().split_for_parts();
    let (guarded, described) = guarded().split_for_parts();
    document.merge(described);

    let guarded = guarded
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(middleware::from_fn_with_state(gateway.clone(), guard::layer));
    public
        .method_not_allowed_fallback(no_method)
        .merge(openapi::ui(document))
        .merge(guarded)
        .layer(CatchPanicLayer::custom(render::panicked))
        .layer(middleware::map_response(no_sniff))
        .layer(middleware::from_fn(render::layer))
        .with_state(gateway)
}

/// What the edge describes itself as, for tests and for publishing.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = public().into_openapi();
    document.merge(guarded().into_openapi());
    document
}

async fn no_route(_: Request) -> Problem {
    Problem::new(Name::RouteNotFound, Name::RouteNotFound.sentence())
}

async fn no_method(_: Request) -> Problem {
    Problem::new(Name::MethodNotAllowed, Name::MethodNotAllowed.sentence())
}

async fn no_sniff(mut response: Response) -> Response {
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert("x-content-type-options", nosniff);
    response
}
