//! Sending what is queued.
//!
//! Invariant: a message is in hand once at a time, and only under a live lease; it is let go only when
//! the store has said where it stands. What an earlier holder was sending is never sent again, it
//! becomes unknown.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::leases::Held;
use crate::{
    domain::{ids::MessageId, message::Message, owner::Lane},
    flows::{Core, Error},
    store::{Lease, OutboxQuery},
};

/// How many messages are on their way to Meta at once.
const IN_FLIGHT: usize = 128;
/// How many are read at a time.
const TAKE: u32 = 256;
/// How often the outbox is looked at although nothing woke us.
const LOOK: Duration = Duration::from_secs(1);
/// How long a message rests in hand when the store did not say where it stands.
const REST: Duration = Duration::from_secs(1);

/// The messages that this process has in hand.
#[derive(Clone, Default)]
struct InHand(Arc<Mutex<HashSet<MessageId>>>);

impl InHand {
    /// Takes a message, unless it is in hand already.
    fn take(&self, id: MessageId) -> Option<Hold> {
        let new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        new.then(|| Hold { all: self.clone(), id })
    }
}

/// A message in hand; dropping it lets it go.
struct Hold {
    all: InHand,
    id: MessageId,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Sends until `stop`; then waits for what is on its way.
pub(super) async fn run(core: Arc<Core>, leases: watch::Receiver<Held>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let outbox = Outbox { core, leases, stop, in_hand: InHand::default(), places };
    let Outbox { core, leases, stop, .. } = &outbox;
    let sending = TaskTracker::new();
    let mut terms = HashMap::new();
    while !stop.is_cancelled() {
        let held = leases.borrow().now().to_vec();
        if let Err(error) = take_over(core, &held, &mut terms).await {
            tracing::warn!(%error, "what was being sent before is not settled yet");
        }
        match outbox.send_due(&held, &sending).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the outbox waits"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = core.waiters.outbox_woken() => {}
            () = next_due(core, &held) => {}
            () = sleep(LOOK) => {}
        }
    }
    sending.close();
    sending.wait().await;
}

/// Waits for the business time at which the next message is due.
async fn next_due(core: &Core, held: &[Lease]) {
    let lanes: Vec<Lane> = held.iter().map(|lease| lease.lane).collect();
    match core.store.next_due(&lanes).await {
        // One that is due already is in hand.
        Ok(Some(due)) if due > core.clock.now() => core.clock.sleep_until(due).await,
        Ok(_) | Err(_) => std::future::pending().await,
    }
}

/// Settles what earlier holders of newly leased lanes were sending.
async fn take_over(
    core: &Core,
    held: &[Lease],
    terms: &mut HashMap<Lane, u64>,
) -> Result<(), Error> {
    for lease in held {
        if terms.get(&lease.lane) == Some(&lease.term) {
            continue;
        }
        loop {
            let query = OutboxQuery::Stranded(lease.term);
            let stranded = core.store.outbox(&[lease.lane], query, TAKE).await?;
            if stranded.is_empty() {
                break;
            }
            for message in &stranded {
                core.abandon(message).await?;
            }
        }
        terms.insert(lease.lane, lease.term);
    }
    Ok(())
}

/// What to do next with a message in hand.
#[derive(Clone, Copy)]
enum Step {
    /// Take it up and send it.
    Deliver,
    /// The same, but a try under this term may have recorded that it was taken up.
    DeliverAgain(u64),
    /// A try ended nobody knows where: Meta may have been asked.
    Abandon,
}

#[derive(Clone)]
struct Outbox {
    core: Arc<Core>,
    leases: watch::Receiver<Held>,
    stop: CancellationToken,
    in_hand: InHand,
    places: Arc<Semaphore>,
}

impl Outbox {
    /// Starts sending what is due. Returns true when there may be more.
    async fn send_due(&self, held: &[Lease], sending: &TaskTracker) -> Result<bool, Error> {
        let lanes: Vec<Lane> = held.iter().map(|lease| lease.lane).collect();
        if lanes.is_empty() {
            return Ok(false);
        }
        let query = OutboxQuery::Due(self.core.clock.now());
        let mut started = false;
        for message in self.core.store.outbox(&lanes, query, TAKE).await? {
            let Some(hold) = self.in_hand.take(message.id) else { continue };
            let place = Arc::clone(&self.places).acquire_owned();
            // All places may be taken for long; a drain does not wait for one.
            let Some(Ok(place)) = self.stop.run_until_cancelled(place).await else {
                return Ok(false);
            };
            started = true;
            let outbox = self.clone();
            sending.spawn(async move {
                outbox.send(message, place).await;
                drop(hold);
            });
        }
        Ok(started)
    }

    /// Sends one message; while the store does not say where it stands, it stays in hand.
    async fn send(self, message: Message, place: OwnedSemaphorePermit) {
        let (mut step, mut place) = (Step::Deliver, Some(place));
        loop {
            let term = self.leases.borrow().term(message.owner.lane());
            match (step, term) {
                // Whoever has the lane next finds it in the queue, or settles what we left.
                (Step::Deliver, None) => return,
                (Step::DeliverAgain(tried), Some(term)) if tried != term => return,
                // The lease may come back under the same term, and then nobody else looks at it.
                (Step::DeliverAgain(_), None) => {}
                (Step::Deliver | Step::DeliverAgain(_), Some(_)) | (Step::Abandon, _) => {
                    match self.take(step, &message, term.unwrap_or_default()).await {
                        Ok(()) => return,
                        Err(next) => step = next,
                    }
                }
            }
            drop(place.take());
            if self.stop.run_until_cancelled(sleep(REST)).await.is_none() {
                return;
            }
        }
    }

    /// Does one step, as a task of its own, so that a panic is a failure of that message alone.
    async fn take(&self, step: Step, message: &Message, term: u64) -> Result<(), Step> {
        let (core, copy) = (Arc::clone(&self.core), message.clone());
        let done = tokio::spawn(async move {
            match step {
                Step::Deliver => core.deliver(&copy, term, false).await,
                Step::DeliverAgain(_) => core.deliver(&copy, term, true).await,
                Step::Abandon => core.abandon(&copy).await,
            }
        });
        let id = message.id;
        match (done.await, step) {
            (Ok(Ok(())), _) => Ok(()),
            (Ok(Err(error)), Step::Deliver | Step::DeliverAgain(_)) => {
                tracing::warn!(message.id = %id, %error, "message {id} not taken up");
                Err(Step::DeliverAgain(term))
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
