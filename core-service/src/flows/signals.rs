//! News that is in no log: who types where.
//!
//! Invariant: a signal may be lost and is never kept; nothing depends on it.

use tokio::sync::broadcast;

use crate::domain::{ids::ConversationId, owner::Owner};

/// How many signals a slow listener may lag behind before it loses some.
const BACKLOG: usize = 256;

/// Somebody types, or has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// Whose conversation.
    pub owner: Owner,
    /// Which.
    pub conversation: ConversationId,
    /// Who types.
    pub email: String,
    /// Started or stopped.
    pub typing: bool,
    /// Chosen by the sender, so that it can leave itself out.
    pub origin: String,
}

/// Carries signals within this process.
#[derive(Debug)]
pub struct Signals(broadcast::Sender<Typing>);

impl Default for Signals {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Signals {
    /// Sends a signal to whoever listens now.
    pub fn send(&self, typing: Typing) {
        // Nobody listening is fine.
        let _ = self.0.send(typing);
    }

    /// Listens to all signals from now on.
    pub fn listen(&self) -> broadcast::Receiver<Typing> {
        self.0.subscribe()
    }
}
