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

/// One caller who waits; dropping it ends that.
pub(super) struct Waiting<'a> {
    waiters: &'a Waiters,
    id: MessageId,
    /// Done when the message settled.
    pub(super) woken: oneshot::Receiver<()>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.woken.close();
        let mut callers = self.waiters.callers();
        if let Some(waiting) = callers.get_mut(&self.id) {
            waiting.retain(|other| !other.is_closed());
            if waiting.is_empty() {
                callers.remove(&self.id);
            }
        }
    }
}

impl Waiters {
    fn callers(&self) -> MutexGuard<'_, HashMap<MessageId, Vec<oneshot::Sender<()>>>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for a message.
    pub(super) fn expect(&self, id: MessageId) -> Waiting<'_> {
        let (wake, woken) = oneshot::channel();
        self.callers().entry(id).or_default().push(wake);
        Waiting { waiters: self, id, woken }
    }

    /// Wakes everybody who waits for a message.
    pub fn settled(&self, id: MessageId) {
        for wake in self.callers().remove(&id).into_iter().flatten() {
            // A caller that went away needs no waking.
            let _ = wake.send(());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gives_up_waiting_leaves_nothing_behind() {
        let waiters = Waiters::default();
        let id = MessageId::new(uuid::Uuid::from_u128(1));
        let (first, second) = (waiters.expect(id), waiters.expect(id));
        drop(first);
        assert_eq!(waiters.callers().get(&id).map(Vec::len), Some(1));
        drop(second);
        assert!(waiters.callers().is_empty());
    }
}
