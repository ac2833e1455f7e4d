//! `POST /{phone}/messages`: a send, or a read receipt.
//!
//! The journey: who calls → what is asked → scripted faults → checks → `accept` writes the ledger →
//! the answer, which a script may delay, break or lose.

mod accept;
mod admit;
mod content;
mod interactive;
mod read;
mod request;

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Response};

use self::request::Asked;
use super::auth::Caller;
use super::faults::{self, Line};
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::script::{Call, Effects, Occasion, On};

/// How long an answer waits for the acknowledgement of a status that shall come first.
const STATUS_PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn messages(
    State(world): State<World>,
    Path((_, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    caller: Result<Caller, GraphError>,
    line: Line,
    body: Bytes,
) -> Response {
    let account = caller.and_then(|caller| caller.sender(&world.state(), &id));
    let account = match account {
        Ok(account) => account,
        Err(error) => return refuse(&world, error),
    };
    let asked = Asked::parse(&body);
    let to = asked.as_ref().ok().and_then(Asked::person);
    let effects = world.script().strike(Occasion {
        on: On::Messages,
        to: to.as_deref(),
        phone_number_id: Some(&account.phone_number_id),
        call: Some(Call { method: "POST", path: uri.path() }),
    });
    if let Some(response) = faults::instead(&effects, &line) {
        if let Some(fail) = &effects.fail {
            world.state().ledger.refuse(fail.code);
        }
        return response;
    }
    match asked.and_then(|asked| work(&world, &account, asked, &body, &effects)) {
        Ok(done) => {
            if let Some(first_status) = done.first_status {
                // The answer goes out in the end, whether the receiver took the status or not.
                let _ = tokio::time::timeout(STATUS_PATIENCE, first_status).await;
            }
            faults::afterwards(&effects, &line, done.answer.into_response()).await
        }
        Err(error) => refuse(&world, error),
    }
}

fn work(
    world: &World,
    account: &Account,
    asked: Asked,
    body: &Bytes,
    effects: &Effects,
) -> Result<accept::Done, GraphError> {
    match asked {
        Asked::Read(receipt) => read::read(world, account, &receipt),
        Asked::Send(send) => accept::accept(world, account, &send, body, effects),
    }
}

fn refuse(world: &World, error: GraphError) -> Response {
    world.state().ledger.refuse(error.code());
    world.mark_changed();
    error.into_response()
}
