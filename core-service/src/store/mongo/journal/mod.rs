//! The journal of deliveries: keeping, settling, asking again, forgetting. Reading it is among the reads.
//!
//! Invariant: a delivery is kept once per digest; what was applied or given up is done, and a late failure
//! does not bring it back.

mod keep;
mod number;
pub(super) mod older;
mod replay;
mod settle;
mod trim;

use std::time::Duration;

use mongodb::bson::{Document, RawDocumentBuf, raw::cstr, rawdoc};
use tokio::time::{Instant, sleep, timeout_at};

pub(super) use self::{
    keep::Journal,
    number::Numbers,
    replay::{readmit, replay},
    settle::{settle, settlement},
    trim::{Walk, trim},
};
use super::{
    db::{Db, millis},
    error,
};
use crate::store::StoreError;

/// How long to wait before a write that was not answered is made again.
const AGAIN: Duration = Duration::from_millis(25);

/// Runs a writing command that may be repeated, until it is acknowledged by a majority or it is too late.
/// Each try has a command of its own.
async fn write(
    db: &Db,
    command: impl Fn() -> RawDocumentBuf,
    until: Instant,
) -> Result<Document, StoreError> {
    loop {
        let left = millis(until.saturating_duration_since(Instant::now())).max(1);
        let mut command = command();
        command.append(cstr!("maxTimeMS"), left);
        let concern = rawdoc! { "w": "majority", "j": true, "wtimeout": left };
        command.append(cstr!("writeConcern"), concern);
        let failed = match timeout_at(until, db.database().run_raw_command(command)).await {
            Ok(Ok(answer)) if !answer.contains_key("writeConcernError") => return Ok(answer),
            Ok(Ok(_)) => StoreError::Unavailable("no majority acknowledges".to_owned()),
            Ok(Err(error)) => error::of(&error),
            Err(_) => return Err(error::late()),
        };
        if Instant::now() + AGAIN >= until {
            return Err(failed);
        }
        sleep(AGAIN).await;
    }
}
