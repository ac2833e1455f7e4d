//! Reads, on threads of their own.
//!
//! Invariant: each read sees one state of the store and its transaction ends with it, so that no
//! reader ever holds the log file back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{connect, door::Door, error, lock::FolderLock};
use crate::store::StoreError;

/// So many questions may wait.
const WAITING: usize = 1_024;
/// How long a read may take, with its time in the queue.
const DEADLINE: Duration = Duration::from_secs(3);

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The pool of reading threads.
pub(super) struct Readers {
    door: Door<Question>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    /// Opens `count` reading connections.
    pub(super) fn start(
        file: &Path,
        count: usize,
        lock: &Arc<FolderLock>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel::<Question>(WAITING);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let conn = connect::for_reading(file)?;
            let (receiver, lock) = (Arc::clone(&receiver), Arc::clone(lock));
            let thread = thread::Builder::new().name(format!("store-read-{number}"));
            let spawned = thread.spawn(move || {
                answer_all(&conn, &receiver);
                drop(conn);
                drop(lock);
            });
            threads.push(spawned.map_err(|e| StoreError::Unavailable(e.to_string()))?);
        }
        Ok(Self { door: Door::new(sender, threads) })
    }

    /// Asks one question, answered from one state of the store.
    pub(super) async fn read<T, L>(&self, look: L) -> Result<T, StoreError>
    where
        T: Send + 'static,
        L: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |conn| {
            // Nobody waits for it any more: the thread has better things to do.
            if !answer.is_closed() {
                let _ = answer.send(in_one_state(conn, look));
            }
        });
        let asked = async {
            self.door.send(question).await?;
            answered.await.map_err(|_| error::closed())?
        };
        timeout(DEADLINE, asked).await.unwrap_or_else(|_| Err(error::late()))
    }

    /// Answers what was asked and ends.
    pub(super) async fn close(&self) {
        self.door.close().await;
    }
}

fn in_one_state<T>(
    conn: &Connection,
    look: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let state = conn.unchecked_transaction().map_err(error::of)?;
    let seen = look(&state);
    state.rollback().map_err(error::of)?;
    seen
}

fn answer_all(conn: &Connection, questions: &Mutex<mpsc::Receiver<Question>>) {
    loop {
        // Held while waiting: one thread waits on the queue, the others on the lock.
        let question = questions.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match question {
            // A panic is the end of its question, not of the thread.
            Some(question) => {
                if catch_unwind(AssertUnwindSafe(|| question(conn))).is_err() {
                    tracing::error!("a read of the embedded store panicked");
                }
            }
            None => return,
        }
    }
}
