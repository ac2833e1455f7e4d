//! Which batches are committed together.
//!
//! Batches of different owners, and of one owner when none of them writes what another one relies on or
//! writes too. A batch whose rows another process is writing leaves its group and waits by itself: the
//! other one may be dead, and then the server takes seconds to end what it began.
//!
//! Invariant: an owner is under way in one place at a time.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout_at};
use tokio_util::task::TaskTracker;

use super::{
    super::{
        db::Db,
        error,
        line::{self, Line},
        wakes::Wakes,
    },
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
/// So many owners wait for other processes at once; further ones wait for their turn to.
const ALONE: usize = 16;
/// What a batch without rows counts for.
const SMALL: usize = 1_024;

type Work = line::Work<Prepared, Head>;

struct Queue {
    line: Line<Prepared, Head>,
    /// Owners with a batch under way.
    busy: HashSet<Owner>,
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
        let queue = Mutex::new(Queue { line: Line::new(GROUP), busy: HashSet::new() });
        let tasks = TaskTracker::new();
        let alone = Semaphore::new(ALONE);
        Self(Arc::new(Shared { db, wakes, queue, alone, tasks, syncs }))
    }

    /// Commits a batch; the answer is its own, whatever becomes of the others of its group.
    pub(in super::super) async fn commit(&self, batch: Prepared) -> Result<Head, StoreError> {
        let bytes = batch.bytes + SMALL;
        let ticket = self.0.queue().line.enter(batch, bytes, COMMIT)?;
        Arc::clone(&self.0).start();
        ticket.answer().await
    }

    /// Takes nothing more and waits for what is under way.
    pub(in super::super) async fn close(&self) {
        self.0.queue().line.close();
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
                let mut owners: Vec<Owner> = works.iter().map(|w| w.item.owner.clone()).collect();
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
        let until = line::last(&works);
        let batches: Vec<&Prepared> = works.iter().map(|work| &work.item).collect();
        let ended = group::commit(&self.db, &self.tasks, &batches, until).await;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let mut undecided: BTreeMap<Owner, Vec<Work>> = BTreeMap::new();
        for (work, ended) in works.into_iter().zip(ended) {
            match ended {
                Some(ended) => self.answer(work, ended),
                None => undecided.entry(work.item.owner.clone()).or_default().push(work),
            }
        }
        undecided
    }

    fn answer(&self, work: Work, ended: Result<Head, StoreError>) {
        let batch = &work.item;
        if let Ok(head) = &ended {
            let queued = batch.messages.iter().any(|message| message.row.due_at().is_some());
            self.wakes.committed(&batch.owner, head.position, queued);
        }
        work.answer(ended);
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
                    group::alone(&self.db, &self.tasks, &work.item, work.until).await
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
        let Self { line, busy } = self;
        let mut touched = Touched::default();
        let may_go = |batch: &Prepared| !busy.contains(&batch.owner) && touched.take(batch);
        let group = line.gather(may_go)?;
        busy.extend(group.iter().map(|work| work.item.owner.clone()));
        Some(group)
    }

    fn finish(&mut self, owners: &[Owner]) {
        self.line.finish();
        for owner in owners {
            self.busy.remove(owner);
        }
    }
}
