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
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use tokio_util::task::TaskTracker;

use super::{
    super::{
        db::Db,
        error::{self, DUPLICATE_KEY},
        field::{INBOX, binary},
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
/// An insert that has so many bytes takes no further delivery.
const GROUP_BYTES: usize = 8 << 20;
/// So many inserts are under way at once.
const GROUPS: usize = 2;
/// So many deliveries may wait.
const WAITING: usize = 4_096;
/// So many bytes of them may wait.
const WAITING_BYTES: usize = 64 << 20;

struct Work {
    delivery: Delivery,
    until: Instant,
    answer: oneshot::Sender<Result<bool, StoreError>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Work>,
    bytes: usize,
    groups: usize,
    closed: bool,
}

struct Shared {
    db: Db,
    wakes: Arc<Wakes>,
    numbers: Numbers,
    queue: Mutex<Queue>,
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
        let (queue, tasks) = (Mutex::default(), TaskTracker::new());
        Self(Arc::new(Shared { db, wakes, numbers, queue, tasks, syncs }))
    }

    /// Keeps a delivery; false when its digest is kept already.
    pub(in super::super) async fn keep(&self, delivery: Delivery) -> Result<bool, StoreError> {
        let until = Instant::now() + KEEP;
        let (answer, answered) = oneshot::channel();
        {
            let mut queue = self.0.queue();
            if queue.closed {
                return Err(error::closed());
            }
            if queue.waiting.len() >= WAITING || queue.bytes >= WAITING_BYTES {
                return Err(error::busy());
            }
            queue.bytes += delivery.body.len();
            queue.waiting.push(Work { delivery, until, answer });
        }
        Arc::clone(&self.0).start();
        match timeout_at(until, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(error::closed()),
            Err(_) => Err(error::late()),
        }
    }

    /// Takes nothing more and waits for what is under way.
    pub(in super::super) async fn close(&self) {
        self.0.queue().closed = true;
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(self: Arc<Self>) {
        loop {
            let Some(works) = self.queue().gather() else { return };
            let shared = Arc::clone(&self);
            self.tasks.spawn(async move {
                let run = tokio::spawn(Arc::clone(&shared).run(works));
                if let Err(panic) = run.await {
                    tracing::error!(%panic, "keeping deliveries panicked");
                }
                shared.queue().groups -= 1;
                shared.start();
            });
        }
    }

    async fn run(self: Arc<Self>, works: Vec<Work>) {
        let until = works.iter().map(|work| work.until).max().unwrap_or_else(Instant::now);
        // Unordered: one that is kept already does not stop the others. New numbers for each try: after
        // one that was not answered, it is the digests that are found taken, which is an answer.
        let insert = || {
            let rows = works.iter().map(|work| row(self.numbers.mint(), &work.delivery));
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
            // Whoever asked may have gone; what was kept stays kept.
            let _ = work.answer.send(answer);
        }
    }
}

impl Queue {
    fn gather(&mut self) -> Option<Vec<Work>> {
        if self.groups >= GROUPS {
            return None;
        }
        let (mut count, mut bytes) = (0, 0);
        for work in self.waiting.iter().take(GROUP) {
            if bytes >= GROUP_BYTES {
                break;
            }
            (count, bytes) = (count + 1, bytes + work.delivery.body.len());
        }
        let mut group: Vec<Work> = self.waiting.drain(..count).collect();
        self.bytes -= bytes;
        group.retain(|work| !work.answer.is_closed());
        if group.is_empty() {
            return None;
        }
        self.groups += 1;
        Some(group)
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
