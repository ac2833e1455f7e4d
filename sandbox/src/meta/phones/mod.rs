//! The phones as an API: what a person sees, writes and reads, and who that person is.
//!
//! | call | body | does |
//! |---|---|---|
//! | `GET /`, `GET /{number}` | | what is on the phones; `?after=` waits for what is newer |
//! | `POST /{number}/messages` | see `write` | the person writes, with a file if wanted |
//! | `POST /{number}/read` | | the person opens the chats |
//! | `PATCH /{number}` | `{name?, username?, hidden?, disguised?, parent?}` | how the person is known |
//! | `POST /{number}/number` | `{to, as?}` | a change of number, with new user ids |
//! | `POST /{number}/user-id` | `{as?}` | new user ids alone |
//! | `POST /{number}/preferences` | `{marketing: "stop" or "resume", phoneNumberId?}` | no more marketing |

mod draft;
mod file;
mod identity;
mod preferences;
mod read;
mod show;
mod write;

pub(super) use draft::{Amendment, Draft};
pub(super) use show::rfc3339;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::World;
use super::control::Problem;
use super::number::WaNumber;

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/", get(show::list))
        .route("/{number}", get(show::show).patch(identity::change))
        .route("/{number}/number", post(identity::move_number))
        .route("/{number}/user-id", post(identity::renew_user_id))
        .route("/{number}/preferences", post(preferences::prefer))
        .route(
            "/{number}/messages",
            post(write::write).layer(DefaultBodyLimit::max(file::LARGEST_BODY)),
        )
        .route("/{number}/read", post(read::read))
}

fn number(text: &str) -> Result<WaNumber, Problem> {
    WaNumber::parse(text).ok_or_else(|| Problem::bad("not a telephone number: 7 to 15 digits"))
}
