//! What became of deliveries.

use std::time::Duration;

use mongodb::bson::{RawDocumentBuf, raw::cstr, rawdoc};
use tokio::time::Instant;

use super::super::{
    commit::{text, updates},
    db::Db,
    field::INBOX,
};
use crate::{
    domain::delivery::{Outcome, Settlement},
    store::{StoreError, form},
};

/// How long settling may take.
const SETTLE: Duration = Duration::from_secs(5);

/// Records outcomes outside any batch.
pub(in super::super) async fn settle(
    db: &Db,
    settlements: &[Settlement],
) -> Result<(), StoreError> {
    if settlements.is_empty() {
        return Ok(());
    }
    let statements = settlements.iter().map(settlement).collect::<Result<Vec<_>, _>>()?;
    let command = || updates(INBOX, statements.clone());
    let answer = super::write(db, command, Instant::now() + SETTLE).await?;
    if answer.contains_key("writeErrors") {
        return Err(StoreError::Unavailable("an outcome was not recorded".to_owned()));
    }
    Ok(())
}

/// An outcome as a statement of an update. One that is not there is nothing to record.
pub(in super::super) fn settlement(settlement: &Settlement) -> Result<RawDocumentBuf, StoreError> {
    let Settlement { id, outcome } = settlement;
    let stored = form::encode(outcome)?;
    let mut set = rawdoc! { "outcome": text(&stored)? };
    let query = match outcome {
        Outcome::Applied { set_aside: _ } => {
            set.append(cstr!("state"), i32::from(outcome.progress().number()));
            // What was applied whole is over, and what was asked for again since is for whoever takes it up.
            rawdoc! { "_id": id.0, "state": { "$nin": [1, 4] } }
        }
        Outcome::Failed { attempts, reason: _ } => {
            set.append(cstr!("attempts"), attempts.cast_signed());
            rawdoc! { "_id": id.0, "state": 0 }
        }
        Outcome::Poisoned { reason: _ } => {
            set.append(cstr!("state"), 2);
            rawdoc! { "_id": id.0, "state": 0 }
        }
    };
    Ok(rawdoc! { "q": query, "u": { "$set": set } })
}
