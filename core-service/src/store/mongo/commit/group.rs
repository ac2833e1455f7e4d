//! A group until each of its batches is decided.
//!
//! A transaction of MongoDB has no savepoints: a duplicate key or a rival from another process ends the
//! whole of it. The group is then halved until the one that is to blame stands alone. One whose rival has
//! not ended yet is left undecided, so that the others need not wait for it; it is tried again `alone`.
//!
//! Invariant: a batch is answered `Ok` only after its transaction was committed, and `Conflict` only when
//! nothing of it was written.

use std::time::Duration;

use mongodb::{ClientSession, bson::doc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;

use super::{
    super::{
        db::Db,
        error::{self, Failure},
        field::HEADS,
    },
    attempt::{self, Ended},
};
use crate::{
    domain::event::Head,
    store::{StoreError, prepare::Prepared},
};

/// The longest pause before a transaction is tried again.
const PAUSE_MS: u64 = 64;
/// How long an abandoned transaction may be tried to be ended.
const TIDY: Duration = Duration::from_secs(5);

/// What became of a batch; `None`: another process writes the same rows, nothing is decided.
type Answer = Option<Result<Head, StoreError>>;

/// Commits a batch whose rows somebody else writes, as soon as they let it.
pub(super) async fn alone(
    db: &Db,
    tasks: &TaskTracker,
    batch: &Prepared,
    until: Instant,
) -> Result<Head, StoreError> {
    for round in 0_u32.. {
        if Instant::now() >= until {
            break;
        }
        pause(round).await;
        let mut answers = commit(db, tasks, &[batch], until).await;
        if let Some(Some(answer)) = answers.pop() {
            return answer;
        }
    }
    Err(error::late())
}

/// Commits batches of different owners; one answer each, in order.
pub(super) async fn commit(
    db: &Db,
    tasks: &TaskTracker,
    batches: &[&Prepared],
    until: Instant,
) -> Vec<Answer> {
    let session = db.database().client().start_session().causal_consistency(false).await;
    let mut session = match session {
        Ok(session) => session,
        Err(error) => return all(batches, &error::of(&error)),
    };
    let mut run = Run { db, session: &mut session, until, in_doubt: false };
    let answers = run.commit(batches).await;
    if run.in_doubt {
        tasks.spawn(end_what_is_open(db.clone(), session));
    }
    answers
}

struct Run<'a> {
    db: &'a Db,
    session: &'a mut ClientSession,
    until: Instant,
    /// A commit was asked for and not answered.
    in_doubt: bool,
}

impl Run<'_> {
    async fn commit(&mut self, batches: &[&Prepared]) -> Vec<Answer> {
        for round in 0_u32.. {
            let failure = match attempt::attempt(self.db, self.session, batches, self.until).await {
                Ok(answers) => return answers.into_iter().map(Some).collect(),
                Err(Ended::Failed(failure)) => failure,
                Err(Ended::InDoubt(error)) => {
                    self.in_doubt = true;
                    return all(batches, &error);
                }
            };
            // What was begun holds the owners' heads until it is ended.
            let _ = timeout(TIDY, self.session.abort_transaction()).await;
            match failure {
                Failure::Duplicate | Failure::Contended if batches.len() > 1 => {
                    let (left, right) = batches.split_at(batches.len() / 2);
                    let mut answers = Box::pin(self.commit(left)).await;
                    answers.extend(Box::pin(self.commit(right)).await);
                    return answers;
                }
                Failure::Duplicate => {
                    return all(batches, &StoreError::Conflict("a unique key is taken".to_owned()));
                }
                Failure::Contended => return vec![None; batches.len()],
                Failure::Transient(_) if Instant::now() < self.until => pause(round).await,
                Failure::Transient(why) => return all(batches, &StoreError::Unavailable(why)),
                Failure::Other(error) => return all(batches, &error),
            }
        }
        all(batches, &error::late())
    }
}

fn all(batches: &[&Prepared], error: &StoreError) -> Vec<Answer> {
    vec![Some(Err(error.clone())); batches.len()]
}

/// Waits a little, longer each time and never the same, so that rivals part.
async fn pause(round: u32) {
    let ceiling = (2_u64 << round.min(5)).min(PAUSE_MS);
    sleep(Duration::from_millis(rand::random_range(1..=ceiling))).await;
}

/// Ends a transaction whose commit was not answered: should it not have arrived, it would lock its owners'
/// heads for up to a minute and a half. The driver aborts nothing after a commit; the next transaction
/// of the same session makes the server do it.
async fn end_what_is_open(db: Db, mut session: ClientSession) {
    let tidy = async {
        loop {
            let heads = db.collection(HEADS);
            let next = async {
                session.start_transaction().await?;
                heads.find_one(doc! { "_id": "" }).session(&mut session).await?;
                session.abort_transaction().await
            };
            if next.await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(PAUSE_MS)).await;
        }
    };
    if timeout(TIDY, tidy).await.is_err() {
        tracing::warn!("a transaction in doubt was left to the server to end");
    }
}
