//! One message on its way, from being taken in hand to being let go.
//!
//! Invariant: while the store does not say where it stands, it stays in hand; Meta is asked only while
//! the lease under which it was taken up lasts.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::desk::Place;
use crate::{
    domain::{message::Message, time::Timestamp},
    flows::{
        Core,
        send::{Queued, Taken},
    },
    lanes::held::{Guard, Standing},
};

/// How long a message rests in hand when the store did not say where it stands.
const REST: Duration = Duration::from_secs(1);

/// What to do next.
#[derive(Clone)]
pub(super) enum Step {
    /// Take it up.
    TakeUp(Arc<Queued>),
    /// The same, but a try under this lease may have recorded that it was taken up.
    TakeUpAgain(Arc<Queued>),
    /// It was taken up: send it.
    Send(Arc<Taken>),
    /// A try ended nobody knows where: Meta may have been asked.
    Abandon(Arc<Queued>),
}

/// How a step ended.
enum Ended {
    /// It is settled, or due again then.
    Settled(Option<Timestamp>),
    /// With another one, at once.
    Then(Step),
    /// With another one, after a rest.
    Rest(Step),
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
    pub(super) async fn run(self, mut step: Step, place: Place) -> Option<Timestamp> {
        let mut place = Some(place);
        loop {
            let ended = match (&step, self.guard.standing()) {
                // Whoever has the lane next finds it in the queue, or settles what we left.
                (Step::TakeUp(_), Standing::Lapsed | Standing::Lost)
                | (Step::TakeUpAgain(_) | Step::Send(_), Standing::Lost) => {
                    self.core.waiters.elsewhere(step.message().id);
                    return None;
                }
                // The lease may go on under its term, and then nobody else looks at it.
                (Step::TakeUpAgain(_) | Step::Send(_), Standing::Lapsed) => {
                    Ended::Rest(Step::TakeUpAgain(step.queued()))
                }
                (Step::TakeUp(_) | Step::TakeUpAgain(_) | Step::Send(_), Standing::Live)
                | (Step::Abandon(_), _) => self.take(step).await,
            };
            step = match ended {
                Ended::Settled(due) => return due,
                Ended::Then(next) => next,
                Ended::Rest(next) => {
                    drop(place.take());
                    self.stop.run_until_cancelled(sleep(REST)).await?;
                    next
                }
            };
        }
    }

    /// Does one step, as a task of its own, so that a panic is a failure of that message alone.
    async fn take(&self, step: Step) -> Ended {
        let (core, copy, term) = (Arc::clone(&self.core), step.clone(), self.guard.term());
        let done = tokio::spawn(async move {
            Ok(match copy {
                Step::TakeUp(queued) => taken_up(core.take_up(&queued, term, false).await?),
                Step::TakeUpAgain(queued) => taken_up(core.take_up(&queued, term, true).await?),
                Step::Send(taken) => Ended::Settled(core.deliver(&taken).await),
                Step::Abandon(queued) => {
                    core.abandon(queued.message()).await?;
                    Ended::Settled(None)
                }
            })
        });
        let id = step.message().id;
        match (done.await as Result<Result<_, crate::flows::Error>, _>, step) {
            (Ok(Ok(ended)), _) => ended,
            (Ok(Err(error)), Step::Abandon(queued)) => {
                tracing::warn!(message.id = %id, %error, "message {id} not settled");
                Ended::Rest(Step::Abandon(queued))
            }
            (Ok(Err(error)), step) => {
                tracing::warn!(message.id = %id, %error, "message {id} not taken up");
                Ended::Rest(Step::TakeUpAgain(step.queued()))
            }
            (Err(panic), step) => {
                tracing::error!(message.id = %id, %panic, "sending message {id} panicked");
                Ended::Rest(Step::Abandon(step.queued()))
            }
        }
    }
}

fn taken_up(turn: Result<Taken, Option<Timestamp>>) -> Ended {
    match turn {
        Ok(taken) => Ended::Then(Step::Send(Arc::new(taken))),
        Err(due) => Ended::Settled(due),
    }
}

impl Step {
    /// The message that it is about.
    fn message(&self) -> &Message {
        match self {
            Self::TakeUp(queued) | Self::TakeUpAgain(queued) | Self::Abandon(queued) => {
                queued.message()
            }
            Self::Send(taken) => taken.message(),
        }
    }

    /// The message, for another step.
    fn queued(&self) -> Arc<Queued> {
        match self {
            Self::TakeUp(queued) | Self::TakeUpAgain(queued) | Self::Abandon(queued) => {
                Arc::clone(queued)
            }
            Self::Send(taken) => Arc::new(Queued::found(taken.message().clone())),
        }
    }
}
