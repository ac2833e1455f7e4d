//! The one thread that writes: work that waits together is written together.
//!
//! A group of works is one transaction, each in a savepoint, with one sync of the disk for all. A
//! conflict undoes its own work; any other error undoes the group and is everybody's answer.
//!
//! Invariant: nobody is told `Ok`, and no listener hears of it, before the group is durable.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

use super::{checkpoint::Checkpoints, door::Door, error, lock::FolderLock};
use crate::store::StoreError;

/// The most works of a group.
const GROUP: usize = 256;
/// A group that has so many bytes takes no further work.
const GROUP_BYTES: usize = 8 << 20;
/// So many works may wait.
const WAITING: usize = 2_048;
/// So many KiB of works may wait.
const WAITING_KIB: u32 = 64 << 10;
/// How long a work waits for room in the queue before it is refused.
const PATIENCE: Duration = Duration::from_millis(250);

/// Something to be written, and who waits for it.
trait Work: Send {
    /// True when nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    /// How much it writes, about.
    fn bytes(&self) -> usize;
    /// Writes. `Err` only for what ends the group; keeps its own conflict.
    fn run(&mut self, conn: &Connection) -> Result<Ran, StoreError>;
    /// Answers, with its own result or with what ended the group.
    fn finish(self: Box<Self>, group: Result<(), StoreError>);
}

/// How a work of a group ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    Written,
    Undone,
}

/// A work made of closures: what to write, and what to do once that is durable.
struct Task<T, W, A> {
    write: Option<W>,
    after: A,
    ended: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
    bytes: usize,
    /// Its share of what may wait, given back when it is done.
    _room: OwnedSemaphorePermit,
}

impl<T, W, A> Work for Task<T, W, A>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    A: FnOnce(&T) + Send,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn run(&mut self, conn: &Connection) -> Result<Ran, StoreError> {
        let Some(write) = self.write.take() else { return Ok(Ran::Undone) };
        match write(conn) {
            Ok(value) => {
                self.ended = Some(Ok(value));
                Ok(Ran::Written)
            }
            Err(conflict @ StoreError::Conflict(_)) => {
                self.ended = Some(Err(conflict));
                Ok(Ran::Undone)
            }
            Err(fatal @ (StoreError::Unavailable(_) | StoreError::Corrupt(_))) => Err(fatal),
        }
    }

    fn finish(self: Box<Self>, group: Result<(), StoreError>) {
        let ended = match group {
            Ok(()) => self.ended.unwrap_or_else(|| Err(error::closed())),
            Err(error) => Err(error),
        };
        if let Ok(value) = &ended {
            (self.after)(value);
        }
        // Whoever asked may have gone; what was written stays written.
        let _ = self.answer.send(ended);
    }
}

/// The way to the writing thread.
pub(super) struct Writer {
    door: Door<Box<dyn Work>>,
    room: Arc<Semaphore>,
    syncs: Arc<AtomicU64>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("syncs", &self.syncs).finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the thread on its own connection.
    pub(super) fn start(
        conn: Connection,
        file: &Path,
        lock: &Arc<FolderLock>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let syncs = Arc::new(AtomicU64::new(0));
        let checkpoints = Checkpoints::start(file, Arc::clone(lock))?;
        let (counter, lock) = (Arc::clone(&syncs), Arc::clone(lock));
        let run = move || {
            write_all(conn, receiver, &counter, checkpoints);
            drop(lock);
        };
        let thread = thread::Builder::new()
            .name("store-write".to_owned())
            .spawn(run)
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let room = Arc::new(Semaphore::new(WAITING_KIB as usize));
        Ok(Self { door: Door::new(sender, vec![thread]), room, syncs })
    }

    /// Writes: `write` within a transaction, `after` once it is durable.
    ///
    /// `bytes` is about how much it writes. After `deadline` the answer is `Unavailable`, and a work
    /// that has not begun is dropped.
    pub(super) async fn write<T, W, A>(
        &self,
        bytes: usize,
        deadline: Duration,
        write: W,
        after: A,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        A: FnOnce(&T) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let enter = async {
            let kib = u32::try_from(bytes / 1_024).unwrap_or(u32::MAX).clamp(1, WAITING_KIB);
            let room = Arc::clone(&self.room).acquire_many_owned(kib).await;
            let room = room.map_err(|_| error::closed())?;
            let task = Task { write: Some(write), after, ended: None, answer, bytes, _room: room };
            self.door.send(Box::new(task)).await
        };
        let written = async {
            timeout(PATIENCE.min(deadline), enter).await.unwrap_or_else(|_| Err(error::busy()))?;
            answered.await.map_err(|_| error::closed())?
        };
        timeout(deadline, written).await.unwrap_or_else(|_| Err(error::late()))
    }

    /// How many groups were made durable since the start.
    pub(super) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Writes what waits, copies the log file back and ends.
    pub(super) async fn close(&self) {
        self.door.close().await;
    }
}

fn write_all(
    mut conn: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Work>>,
    syncs: &AtomicU64,
    checkpoints: Checkpoints,
) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = gather(first, &mut waiting);
        // A panic leaves nothing of its group, and the thread goes on for the others.
        let ended = catch_unwind(AssertUnwindSafe(|| run(&mut conn, &mut group)));
        let ended = ended.unwrap_or_else(|_| Err(error::panicked()));
        if ended == Ok(Ran::Written) {
            syncs.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = &ended {
            tracing::error!(%error, works = group.len(), "a group could not be written");
        }
        let verdict = ended.map(|_| ());
        for work in group {
            work.finish(verdict.clone());
        }
        checkpoints.after_commit(&conn);
    }
    drop(conn);
    checkpoints.finish();
}

/// What waits right now, within the bounds of a group.
fn gather(
    first: Box<dyn Work>,
    waiting: &mut mpsc::Receiver<Box<dyn Work>>,
) -> VecDeque<Box<dyn Work>> {
    let mut bytes = first.bytes();
    let mut group = VecDeque::from([first]);
    while group.len() < GROUP && bytes < GROUP_BYTES {
        let Ok(work) = waiting.try_recv() else { break };
        bytes += work.bytes();
        group.push_back(work);
    }
    group.retain(|work| !work.is_abandoned());
    group
}

/// One transaction. An error leaves nothing of it.
fn run(conn: &mut Connection, group: &mut VecDeque<Box<dyn Work>>) -> Result<Ran, StoreError> {
    let mut all = Ran::Undone;
    let transaction =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error::of)?;
    for work in group {
        statement(&transaction, "SAVEPOINT work")?;
        match work.run(&transaction)? {
            Ran::Written => all = Ran::Written,
            Ran::Undone => statement(&transaction, "ROLLBACK TO work")?,
        }
        statement(&transaction, "RELEASE work")?;
    }
    transaction.commit().map_err(error::of)?;
    Ok(all)
}

fn statement(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ()).map_err(error::of)
}
