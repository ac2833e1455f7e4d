//! The phones as an API: what a person sees, writes and reads.

mod read;
mod show;
mod write;

pub(super) use show::rfc3339;

use axum::Router;
use axum::routing::{get, post};

use super::World;
use super::control::Problem;
use super::number::WaNumber;

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/", get(show::list))
        .route("/{number}", get(show::show))
        .route("/{number}/messages", post(write::write))
        .route("/{number}/read", post(read::read))
}

fn number(text: &str) -> Result<WaNumber, Problem> {
    WaNumber::parse(text).ok_or_else(|| Problem::bad("not a telephone number: 7 to 15 digits"))
}
