//! Who waits for which message, within this process.
//!
//! Invariant: a wake-up is a hint; whoever waits looks at the message itself, and now and then without
//! being woken, as another core may have sent it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, oneshot};

use crate::domain::ids::MessageId;

/// Wakes callers when their message settled, and the outbox when there is something to send.
#[derive(Debug, Default)]
pub struct Waiters {
    callers: Mutex<HashMap<MessageId, Vec<oneshot::Sender<()>>>>,
    outbox: Notify,
}

impl Waiters {
    fn callers(&self) -> MutexGuard<'_, HashMap<MessageId, Vec<oneshot::Sender<()>>>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for a message.
    pub(super) fn expect(&self, id: MessageId) -> oneshot::Receiver<()> {
        let (wake, woken) = oneshot::channel();
        let mut callers = self.callers();
        let waiting = callers.entry(id).or_default();
        waiting.retain(|other| !other.is_closed());
        waiting.push(wake);
        woken
    }

    /// Wakes everybody who waits for a message.
    pub fn settled(&self, id: MessageId) {
        for wake in self.callers().remove(&id).into_iter().flatten() {
            // A caller that went away needs no waking.
            let _ = wake.send(());
        }
    }

    /// Forgets a message that nobody waits for any more.
    pub(super) fn forget(&self, id: MessageId) {
        let mut callers = self.callers();
        if let Some(waiting) = callers.get_mut(&id) {
            waiting.retain(|other| !other.is_closed());
            if waiting.is_empty() {
                callers.remove(&id);
            }
        }
    }

    /// Wakes the outbox.
    pub fn wake_outbox(&self) {
        self.outbox.notify_one();
    }

    /// Waits until the outbox is woken.
    pub async fn outbox_woken(&self) {
        self.outbox.notified().await;
    }
}
