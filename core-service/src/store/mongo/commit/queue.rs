//! Which batches are committed together.
//!
//! Batches of different owners, and of one owner when none of them writes what another one relies on or
//! writes too. A batch that finds nothing under way goes at once; what comes meanwhile waits and goes together. So
//! groups grow with the load, and nobody waits for a timer. A batch whose rows another process is writing
//! leaves its group and waits by itself: the other one may be dead, and then the server takes seconds
//! to end what it began.
//!
//! Invariant: what waits is bounded, and whoever waits is answered or told that it is too late.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};
use tokio_util::task::TaskTracker;

use super::{
    super::{db::Db, error, wakes::Wakes},
    group,
    touched::Touched,
};
use crate::{
    domain::{event::Head, owner::Owner},
    store::{StoreError, prepare::Prepared},
};

/// How long a commit may take, with its time in the queue.
const COMMIT: Duration = Duration::from_secs(5);
/// The most batches of a group; larger ones gain little and lose more when one of them conflicts.
const GROUP: usize = 64;
/// A group that has so many bytes takes no further batch.
const GROUP_BYTES: usize = 8 << 20;
/// So many groups are under way at once.
const GROUPS: usize = 2;
/// So many owners wait for other processes at once; further ones wait for their turn to.
const ALONE: usize = 16;
/// So many batches may wait.
const WAITING: usize = 4_096;
/// So many bytes of batches may wait.
const WAITING_BYTES: usize = 64 << 20;
/// What a batch without rows counts for.
const SMALL: usize = 1_024;

/// A batch, and who waits for it.
struct Work {
    batch: Prepared,
    until: Instant,
    answer: oneshot::Sender<Result<Head, StoreError>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    bytes: usize,
    /// Owners with a batch under way.
    busy: HashSet<Owner>,
    groups: usize,
    closed: bool,
}

struct Shared {
    db: Db,
    wakes: Arc<Wakes>,
    queue: Mutex<Queue>,
    alone: Semaphore,
    tasks: TaskTracker,
    syncs: Arc<AtomicU64>,
}

/// Commits batches.
pub(in super::super) struct Commits(Arc<Shared>);

impl Commits {
    pub(in super::super) fn new(db: Db, wakes: Arc<Wakes>, syncs: Arc<AtomicU64>) -> Self {
        let (queue, tasks) = (Mutex::default(), TaskTracker::new());
        let alone = Semaphore::new(ALONE);
        Self(Arc::new(Shared { db, wakes, queue, alone, tasks, syncs }))
    }

    /// Commits a batch; the answer is its own, whatever becomes of the others of its group.
    pub(in super::super) async fn commit(&self, batch: Prepared) -> Result<Head, StoreError> {
        let until = Instant::now() + COMMIT;
        let (answer, answered) = oneshot::channel();
        {
            let mut queue = self.0.queue();
            if queue.closed {
                return Err(error::closed());
            }
            if queue.waiting.len() >= WAITING || queue.bytes >= WAITING_BYTES {
                return Err(error::busy());
            }
            queue.bytes += size(&batch);
            queue.waiting.push_back(Work { batch, until, answer });
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

    /// Starts groups while there is something to start and room for it.
    fn start(self: Arc<Self>) {
        loop {
            let Some(works) = self.queue().gather() else { return };
            let shared = Arc::clone(&self);
            self.tasks.spawn(async move {
                // A task of its own: a panic must not keep its owners busy for ever.
                let mut owners: Vec<Owner> = works.iter().map(|w| w.batch.owner.clone()).collect();
                let undecided = match tokio::spawn(Arc::clone(&shared).run(works)).await {
                    Ok(undecided) => undecided,
                    Err(panic) => {
                        tracing::error!(%panic, "committing a group panicked");
                        BTreeMap::new()
                    }
                };
                owners.retain(|owner| !undecided.contains_key(owner));
                shared.queue().finish(&owners);
                for (owner, works) in undecided {
                    Arc::clone(&shared).wait_for_others(owner, works);
                }
                shared.start();
            });
        }
    }

    /// Commits a group; returns the owners whom another process stands in the way of.
    async fn run(self: Arc<Self>, works: Vec<Work>) -> BTreeMap<Owner, Vec<Work>> {
        let until = works.iter().map(|work| work.until).max().unwrap_or_else(Instant::now);
        let (batches, callers): (Vec<_>, Vec<_>) =
            works.into_iter().map(|Work { batch, until, answer }| (batch, (until, answer))).unzip();
        let ended = group::commit(&self.db, &self.tasks, &batches, until).await;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let mut undecided: BTreeMap<Owner, Vec<Work>> = BTreeMap::new();
        for ((batch, (until, answer)), ended) in batches.into_iter().zip(callers).zip(ended) {
            let work = Work { batch, until, answer };
            match ended {
                Some(ended) => self.answer(work, ended),
                None => undecided.entry(work.batch.owner.clone()).or_default().push(work),
            }
        }
        undecided
    }

    fn answer(&self, work: Work, ended: Result<Head, StoreError>) {
        let Work { batch, until: _, answer } = work;
        if let Ok(head) = &ended {
            let queued = batch.messages.iter().any(|message| message.row.due_at().is_some());
            self.wakes.committed(&batch.owner, head.position, queued);
        }
        // Whoever asked may have gone; what was written stays written.
        let _ = answer.send(ended);
    }

    /// Commits an owner's batches outside any group, one after another; the owner stays busy meanwhile.
    fn wait_for_others(self: Arc<Self>, owner: Owner, works: Vec<Work>) {
        let shared = Arc::clone(&self);
        self.tasks.spawn(async move {
            if let Err(panic) = tokio::spawn(Arc::clone(&shared).alone(works)).await {
                tracing::error!(%panic, "committing a batch panicked");
            }
            shared.queue().busy.remove(&owner);
            shared.start();
        });
    }

    async fn alone(self: Arc<Self>, works: Vec<Work>) {
        for work in works {
            let ended = match timeout_at(work.until, self.alone.acquire()).await {
                Ok(Ok(_turn)) => {
                    self.syncs.fetch_add(1, Ordering::Relaxed);
                    group::alone(&self.db, &self.tasks, &work.batch, work.until).await
                }
                Ok(Err(_)) | Err(_) => Err(error::late()),
            };
            self.answer(work, ended);
        }
    }
}

impl Queue {
    /// The next group, when one can start.
    fn gather(&mut self) -> Option<Vec<Work>> {
        if self.groups >= GROUPS {
            return None;
        }
        let (mut group, mut bytes, mut rest) = (Vec::<Work>::new(), 0, VecDeque::new());
        let mut touched = Touched::default();
        while let Some(work) = self.waiting.pop_front() {
            if work.answer.is_closed() {
                self.bytes -= size(&work.batch);
                continue;
            }
            let room = group.len() < GROUP && bytes < GROUP_BYTES;
            if room && !self.busy.contains(&work.batch.owner) && touched.take(&work.batch) {
                bytes += size(&work.batch);
                group.push(work);
            } else {
                rest.push_back(work);
                if !room {
                    rest.append(&mut self.waiting);
                }
            }
        }
        self.waiting = rest;
        self.bytes -= bytes;
        if group.is_empty() {
            return None;
        }
        self.groups += 1;
        self.busy.extend(group.iter().map(|work| work.batch.owner.clone()));
        Some(group)
    }

    fn finish(&mut self, owners: &[Owner]) {
        self.groups -= 1;
        for owner in owners {
            self.busy.remove(owner);
        }
    }
}

fn size(batch: &Prepared) -> usize {
    batch.bytes + SMALL
}
