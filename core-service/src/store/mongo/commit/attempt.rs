//! One try at a transaction for a group.
//!
//! Invariant: the heads come first, so that writers of one owner follow each other; what is expected is
//! read after them, in the same snapshot; a batch that lost writes nothing and leaves no gap. Batches of
//! one owner touch nothing in common, so each finds what it would find if it came alone.

use std::{future::Future, time::Duration};

use mongodb::{
    ClientSession,
    bson::{RawDocumentBuf, raw::cstr},
    error::{Error, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{
        Acknowledgment, ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions,
        WriteConcern,
    },
};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    super::{
        db::{Db, Find, Found, millis},
        error::{self, DUPLICATE_KEY, Failure},
    },
    heads,
    rows::Rows,
    write,
};
use crate::{
    domain::event::Head,
    store::{StoreError, prepare::Prepared},
};

/// How long to wait before a commit that was not answered is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// Why an attempt has no answers.
pub(super) enum Ended {
    /// Nothing was written.
    Failed(Failure),
    /// It may have been committed.
    InDoubt(StoreError),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Tries once; one answer per batch.
pub(super) async fn attempt(
    db: &Db,
    session: &mut ClientSession,
    batches: &[&Prepared],
    until: Instant,
) -> Result<Vec<Result<Head, StoreError>>, Ended> {
    session
        .start_transaction()
        .with_options(options(until))
        .await
        .map_err(|e| error::in_transaction(&e))?;
    let mut transaction = Transaction { db, session, until };
    let heads = heads::bump(&mut transaction, batches).await?;
    let rows = Rows::read(&mut transaction, batches).await?;
    let checked = batches.iter().map(|batch| rows.check(batch)).collect();
    let verdicts = heads::place(batches, checked, &heads);
    if verdicts.iter().all(Result::is_err) {
        // Nothing to write: the transaction ends, and with it what the heads were bumped by.
        if transaction.session.abort_transaction().await.is_err() {
            tracing::debug!("an empty transaction was left to the server to end");
        }
        return Ok(verdicts);
    }
    let (mut winners, mut losers) = (Vec::new(), Vec::new());
    for (batch, verdict) in batches.iter().copied().zip(&verdicts) {
        match verdict {
            Ok(head) => winners.push((batch, *head)),
            Err(_) => losers.push(batch),
        }
    }
    heads::give_back(&mut transaction, &losers).await?;
    write::all(&mut transaction, &winners, &rows).await?;
    transaction.commit().await?;
    Ok(verdicts)
}

fn options(until: Instant) -> TransactionOptions {
    let concern = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
    TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(concern)
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .max_commit_time(until.saturating_duration_since(Instant::now()))
        .build()
}

/// A transaction under way.
pub(super) struct Transaction<'a> {
    db: &'a Db,
    session: &'a mut ClientSession,
    until: Instant,
}

impl Transaction<'_> {
    /// Runs a writing command of several statements.
    pub(super) async fn run(&mut self, mut command: RawDocumentBuf) -> Result<(), Failure> {
        command.append(cstr!("maxTimeMS"), millis(self.left()));
        let run = self.db.database().run_raw_command(command).session(&mut *self.session);
        let answer = in_time(self.until, async { run.await }).await?;
        // The driver looks only at whether the command ran, not at what became of its statements.
        let Ok(errors) = answer.get_array("writeErrors") else { return Ok(()) };
        let code =
            errors.first().and_then(|e| e.as_document()).and_then(|e| e.get_i32("code").ok());
        match code {
            Some(DUPLICATE_KEY) => Err(Failure::Duplicate),
            Some(code) => Err(Failure::Other(StoreError::Unavailable(format!(
                "a write was refused with code {code}"
            )))),
            None => Err(Failure::Other(StoreError::Unavailable("a write was refused".to_owned()))),
        }
    }

    /// Finds rows.
    pub(super) async fn find(&mut self, find: Find) -> Result<Found, Failure> {
        let (of, filter, mut options) = find.into_parts(None);
        options.max_time = Some(self.left());
        let rows = self.db.collection(of);
        let query = rows.find(filter).with_options(options).session(&mut *self.session);
        let mut cursor = in_time(self.until, async { Box::pin(query.batch()).await }).await?;
        let found = Found::collect(cursor.stream(&mut *self.session));
        timeout_at(self.until, found)
            .await
            .unwrap_or_else(|_| Err(error::late()))
            .map_err(Failure::Other)
    }

    /// Commits; asks again while nobody knows, as long as there is time.
    async fn commit(self) -> Result<(), Ended> {
        loop {
            let error = match timeout_at(self.until, self.session.commit_transaction()).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => return Err(Ended::InDoubt(error::late())),
            };
            if !error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) {
                return Err(Ended::Failed(error::in_transaction(&error)));
            }
            if Instant::now() + ASK_AGAIN >= self.until {
                return Err(Ended::InDoubt(error::of(&error)));
            }
            sleep(ASK_AGAIN).await;
        }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }
}

async fn in_time<T>(
    until: Instant,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    match timeout_at(until, work).await {
        Ok(answer) => answer.map_err(|e| error::in_transaction(&e)),
        Err(_) => Err(Failure::Other(error::late())),
    }
}
