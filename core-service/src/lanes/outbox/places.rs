//! Places for messages that go at once.
//!
//! Invariant: nobody who waits is overtaken, and a place is given only under a live lease.

use std::{fmt, sync::Arc};

use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use super::{
    desk::{self, Desk, Hold},
    errand::{Errand, Step},
};
use crate::{
    domain::{ids::MessageId, owner::Owner},
    flows::{
        Core,
        send::{Place, Places, Queued, Taken},
    },
    lanes::held::Held,
};

/// Gives places to messages that are about to be recorded.
pub(super) struct AtOnce {
    pub(super) core: Arc<Core>,
    pub(super) held: Held,
    pub(super) desk: Desk,
    pub(super) sending: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl fmt::Debug for AtOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtOnce").finish_non_exhaustive()
    }
}

impl Places for AtOnce {
    fn take(&self, owner: &Owner, message: MessageId) -> Option<Box<dyn Place>> {
        let guard = self.held.take(owner.lane())?;
        let (place, hold) = self.desk.reserve(owner, message)?;
        let errand = Errand { core: Arc::clone(&self.core), stop: self.stop.clone(), guard };
        let (sending, token) = (self.sending.clone(), self.sending.token());
        Some(Box::new(Reserved { errand, place, hold, sending, _token: token }))
    }
}

/// A place that is kept for a message.
struct Reserved {
    errand: Errand,
    place: desk::Place,
    hold: Hold,
    sending: TaskTracker,
    /// The outbox waits for it when it ends.
    _token: TaskTrackerToken,
}

impl Place for Reserved {
    fn term(&self) -> u64 {
        self.errand.guard.term()
    }

    fn send(self: Box<Self>, taken: Taken) {
        self.run(Step::Send(Arc::new(taken)));
    }

    fn find_out(self: Box<Self>, message: Queued) {
        self.run(Step::TakeUpAgain(Arc::new(message)));
    }
}

impl Reserved {
    fn run(self, step: Step) {
        let Self { errand, place, hold, sending, _token: token } = self;
        sending.spawn(async move {
            if let Some(due) = errand.run(step, place).await {
                hold.put_off(due);
            }
        });
        drop(token);
    }
}
