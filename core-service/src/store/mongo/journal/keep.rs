//! Keeping deliveries: those that wait together are one insert.
//!
//! Invariant: nobody is told that a delivery is kept, for the first time or again, before a majority has
//! it: an insert that finds its digest taken waits for the majority like one that does not.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mongodb::bson::{Document, RawArrayBuf, RawDocumentBuf, rawdoc};
use tokio_util::task::TaskTracker;

use super::{
    super::{
        db::Db,
        error::DUPLICATE_KEY,
        field::{INBOX, binary},
        line::{self, Line, Work},
        wakes::Wakes,
    },
    Numbers,
};
use crate::{
    domain::delivery::{Delivery, DeliveryId},
    store::StoreError,
};

/// How long keeping a delivery may take: Meta waits for the answer.
const KEEP: Duration = Duration::from_millis(1_500);
/// The most deliveries of an insert.
const GROUP: usize = 256;
struct Shared {
    db: Db,
    wakes: Arc<Wakes>,
    numbers: Numbers,
    line: Mutex<Line<Delivery, bool>>,
    tasks: TaskTracker,
    syncs: Arc<AtomicU64>,
}

/// Keeps deliveries.
pub(in super::super) struct Journal(Arc<Shared>);

impl Journal {
    pub(in super::super) fn new(
        db: Db,
        wakes: Arc<Wakes>,
        numbers: Numbers,
        syncs: Arc<AtomicU64>,
    ) -> Self {
        let (line, tasks) = (Mutex::new(Line::new(GROUP)), TaskTracker::new());
        Self(Arc::new(Shared { db, wakes, numbers, line, tasks, syncs }))
    }

    /// Keeps a delivery; false when its digest is kept already.
    pub(in super::super) async fn keep(&self, delivery: Delivery) -> Result<bool, StoreError> {
        let bytes = delivery.body.len();
        let ticket = self.0.line().enter(delivery, bytes, KEEP)?;
        Arc::clone(&self.0).start();
        ticket.answer().await
    }

    /// Takes nothing more and waits for what is under way.
    pub(in super::super) async fn close(&self) {
        self.0.line().close();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line<Delivery, bool>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(self: Arc<Self>) {
        loop {
            let Some(works) = self.line().gather(|_| true) else { return };
            let shared = Arc::clone(&self);
            self.tasks.spawn(async move {
                let run = tokio::spawn(Arc::clone(&shared).run(works));
                if let Err(panic) = run.await {
                    tracing::error!(%panic, "keeping deliveries panicked");
                }
                shared.line().finish();
                shared.start();
            });
        }
    }

    async fn run(self: Arc<Self>, works: Vec<Work<Delivery, bool>>) {
        let until = line::last(&works);
        // Unordered: one that is kept already does not stop the others. New numbers for each try: after
        // one that was not answered, it is the digests that are found taken, which is an answer.
        let insert = || {
            let rows = works.iter().map(|work| row(self.numbers.mint(), &work.item));
            let rows: RawArrayBuf = rows.collect();
            rawdoc! { "insert": INBOX, "ordered": false, "documents": rows }
        };
        let ended = super::write(&self.db, insert, until).await;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let answers: Vec<_> = match &ended {
            Ok(answer) => verdicts(answer, works.len()),
            Err(error) => works.iter().map(|_| Err(error.clone())).collect(),
        };
        // Also of one that was kept before: whoever kept it may have gone before it told anybody.
        if answers.iter().any(Result::is_ok) {
            self.wakes.arrived();
        }
        for (work, answer) in works.into_iter().zip(answers) {
            work.answer(answer);
        }
    }
}

fn row(id: DeliveryId, delivery: &Delivery) -> RawDocumentBuf {
    let Delivery { digest, body, lane, received_at } = delivery;
    rawdoc! {
        "_id": id.0,
        "digest": binary(&digest.0),
        "lane": i32::from(lane.number()),
        "received": received_at.as_millis(),
        "state": 0,
        "attempts": 0,
        "body": binary(body),
    }
}

/// What became of each document of an insert.
fn verdicts(answer: &Document, count: usize) -> Vec<Result<bool, StoreError>> {
    let mut verdicts: Vec<Result<bool, StoreError>> = vec![Ok(true); count];
    for error in answer.get_array("writeErrors").into_iter().flatten() {
        let Some(error) = error.as_document() else { continue };
        let index = error.get_i32("index").ok().and_then(|index| usize::try_from(index).ok());
        let Some(verdict) = index.and_then(|index| verdicts.get_mut(index)) else { continue };
        let code = error.get_i32("code").unwrap_or(0);
        let of_digest =
            error.get_document("keyPattern").is_ok_and(|key| key.contains_key("digest"));
        *verdict = if code == DUPLICATE_KEY && of_digest {
            Ok(false)
        } else {
            Err(StoreError::Unavailable(format!("a delivery was refused with code {code}")))
        };
    }
    verdicts
}
