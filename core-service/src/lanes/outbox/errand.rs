//! One message on its way, from being taken in hand to being let go.
//!
//! Invariant: while the store does not say where it stands, it stays in hand.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::desk::Place;
use crate::{
    domain::time::Timestamp,
    flows::{Core, send::Queued},
    lanes::held::{Guard, Standing},
};

/// How long a message rests in hand when the store did not say where it stands.
const REST: Duration = Duration::from_secs(1);

/// What to do next.
#[derive(Clone, Copy)]
enum Step {
    /// Take it up and send it.
    Deliver,
    /// The same, but a try under this lease may have recorded that it was taken up.
    DeliverAgain,
    /// A try ended nobody knows where: Meta may have been asked.
    Abandon,
}

/// Sends one message under the lease of its lane.
pub(super) struct Errand {
    pub(super) core: Arc<Core>,
    pub(super) stop: CancellationToken,
    pub(super) guard: Guard,
}

impl Errand {
    /// Sends it, on a place that is given up as soon as it rests. Returns when it is due again, should
    /// it have been put off.
    pub(super) async fn run(self, queued: Queued, place: Place) -> Option<Timestamp> {
        let (mut step, mut place) = (Step::Deliver, Some(place));
        let queued = Arc::new(queued);
        loop {
            match (step, self.guard.standing()) {
                (Step::Deliver, Standing::Lapsed | Standing::Lost) => {
                    // Whoever has the lane next finds it in the queue.
                    self.core.waiters.elsewhere(queued.message().id);
                    return None;
                }
                // Whoever has the lane next settles what we left.
                (Step::DeliverAgain, Standing::Lost) => return None,
                // The lease may go on under its term, and then nobody else looks at it.
                (Step::DeliverAgain, Standing::Lapsed) => {}
                (Step::Deliver | Step::DeliverAgain, Standing::Live) | (Step::Abandon, _) => {
                    match self.take(step, &queued).await {
                        Ok(due) => return due,
                        Err(next) => step = next,
                    }
                }
            }
            drop(place.take());
            self.stop.run_until_cancelled(sleep(REST)).await?;
        }
    }

    /// Does one step, as a task of its own, so that a panic is a failure of that message alone.
    async fn take(&self, step: Step, queued: &Arc<Queued>) -> Result<Option<Timestamp>, Step> {
        let (core, copy, term) = (Arc::clone(&self.core), Arc::clone(queued), self.guard.term());
        let done = tokio::spawn(async move {
            match step {
                Step::Deliver => core.deliver(&copy, term, false).await,
                Step::DeliverAgain => core.deliver(&copy, term, true).await,
                Step::Abandon => core.abandon(copy.message()).await.map(|()| None),
            }
        });
        let id = queued.message().id;
        match (done.await, step) {
            (Ok(Ok(due)), _) => Ok(due),
            (Ok(Err(error)), Step::Deliver | Step::DeliverAgain) => {
                tracing::warn!(message.id = %id, %error, "message {id} not taken up");
                Err(Step::DeliverAgain)
            }
            (Ok(Err(error)), Step::Abandon) => {
                tracing::warn!(message.id = %id, %error, "message {id} not settled");
                Err(Step::Abandon)
            }
            (Err(panic), _) => {
                tracing::error!(message.id = %id, %panic, "sending message {id} panicked");
                Err(Step::Abandon)
            }
        }
    }
}
