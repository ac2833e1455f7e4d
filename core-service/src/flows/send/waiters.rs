//! Who waits for which message, within this process.
//!
//! Invariant: nobody is told what is not stored. What is told may be late or never come: whoever waits
//! looks at the message now and then, as another core may have sent it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::domain::{ids::MessageId, message::Message};

/// What is told of a message.
#[derive(Debug, Clone)]
pub(super) enum Word {
    /// Nothing yet.
    Nothing,
    /// It is not sent from here: somebody else has its lane.
    Elsewhere,
    /// It stands like this now.
    Stands(Box<Message>),
}

/// Tells callers what became of their messages.
#[derive(Debug, Default)]
pub struct Waiters(Mutex<HashMap<MessageId, watch::Sender<Word>>>);

/// One caller who waits; dropping it ends that.
pub(super) struct Waiting<'a> {
    waiters: &'a Waiters,
    id: MessageId,
    words: watch::Receiver<Word>,
}

impl Waiting<'_> {
    /// Which message.
    pub(super) const fn id(&self) -> MessageId {
        self.id
    }

    /// The next word.
    pub(super) async fn word(&mut self) -> Word {
        match self.words.changed().await {
            Ok(()) => self.words.borrow_and_update().clone(),
            // The sender is kept while somebody waits.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut callers = self.waiters.callers();
        // Our own receiver is still there.
        if callers.get(&self.id).is_some_and(|words| words.receiver_count() <= 1) {
            callers.remove(&self.id);
        }
    }
}

impl Waiters {
    fn callers(&self) -> MutexGuard<'_, HashMap<MessageId, watch::Sender<Word>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for a message.
    pub(super) fn expect(&self, id: MessageId) -> Waiting<'_> {
        let mut callers = self.callers();
        let words = callers.entry(id).or_insert_with(|| watch::Sender::new(Word::Nothing));
        Waiting { waiters: self, id, words: words.subscribe() }
    }

    /// Tells everybody who waits for a message where it stands.
    pub(super) fn stands(&self, message: &Message) {
        if let Some(words) = self.callers().get(&message.id) {
            words.send_replace(Word::Stands(Box::new(message.clone())));
        }
    }

    /// Tells everybody who waits for a message that this process does not send it.
    pub fn elsewhere(&self, id: MessageId) {
        if let Some(words) = self.callers().get(&id) {
            words.send_replace(Word::Elsewhere);
        }
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
        assert_eq!(waiters.callers().len(), 1);
        drop(second);
        assert!(waiters.callers().is_empty());
    }

    #[tokio::test]
    async fn a_word_said_before_anybody_listens_is_heard() {
        let waiters = Waiters::default();
        let id = MessageId::new(uuid::Uuid::from_u128(1));
        let mut waiting = waiters.expect(id);
        waiters.elsewhere(id);
        assert!(matches!(waiting.word().await, Word::Elsewhere));
    }
}
