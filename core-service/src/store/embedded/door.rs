//! The way in to a thread of the store: a bounded queue that can be closed from outside.
//!
//! Invariant: once closed nothing enters; what is inside is still done, then the threads end.

use std::{
    sync::{Mutex, PoisonError},
    thread::JoinHandle,
};

use tokio::sync::mpsc;

use super::error;
use crate::store::StoreError;

/// A queue and the threads behind it.
pub(super) struct Door<T> {
    queue: Mutex<Option<mpsc::Sender<T>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl<T: Send> Door<T> {
    pub(super) fn new(queue: mpsc::Sender<T>, threads: Vec<JoinHandle<()>>) -> Self {
        Self { queue: Mutex::new(Some(queue)), threads: Mutex::new(threads) }
    }

    /// Waits for room and hands `work` over.
    pub(super) async fn send(&self, work: T) -> Result<(), StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        queue.ok_or_else(error::closed)?.send(work).await.map_err(|_| error::closed())
    }

    /// Lets nothing more in and waits until the threads have done what is inside.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the embedded store panicked");
                }
            }
        });
        if joined.await.is_err() {
            tracing::error!("waiting for the embedded store's threads failed");
        }
    }
}
