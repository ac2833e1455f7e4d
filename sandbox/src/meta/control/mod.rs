//! The controls of the simulator, beside the Graph API: what a test or a person turns.

mod accounts;
mod clock;
mod ledger;
mod problem;
mod script;
mod webhooks;

pub(super) use problem::{Body, Params, Problem};

use axum::Router;
use axum::routing::{delete, get, post};

use super::World;

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/_script", get(script::show).post(script::add).delete(script::clear))
        .route("/_clock", get(clock::show).post(clock::advance))
        .route("/_ledger", get(ledger::show))
        .route("/_webhooks", get(webhooks::show).put(webhooks::direct).post(webhooks::inject))
        .route("/_accounts", get(accounts::list).post(accounts::open))
        .route("/_accounts/{token}", delete(accounts::revoke))
        .route("/_accounts/{waba}/tokens", post(accounts::issue))
        .route("/_accounts/{waba}/templates", post(accounts::put_template))
}
