//! Sending what is queued.
//!
//! Invariant: a message is in hand once at a time, and only under a live lease; what an earlier holder
//! was sending is never sent again, it becomes unknown.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, watch};
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

/// The messages that this process has in hand.
#[derive(Clone, Default)]
struct InHand(Arc<Mutex<HashSet<MessageId>>>);

impl InHand {
    fn take(&self, id: MessageId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id)
    }

    fn give_back(&self, id: MessageId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// Sends until `stop`; then waits for what is on its way.
pub(super) async fn run(core: Arc<Core>, leases: watch::Receiver<Held>, stop: CancellationToken) {
    let in_hand = InHand::default();
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let sending = TaskTracker::new();
    let mut terms = HashMap::new();
    while !stop.is_cancelled() {
        let held = leases.borrow().now().to_vec();
        if let Err(error) = take_over(&core, &held, &mut terms).await {
            tracing::warn!(%error, "what was being sent before is not settled yet");
        }
        let round = Round { core: &core, held: &held, in_hand: &in_hand, places: &places };
        match round.send_due(&sending).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the outbox waits"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = core.waiters.outbox_woken() => {}
            () = next_due(&core, &held) => {}
            () = tokio::time::sleep(LOOK) => {}
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

struct Round<'a> {
    core: &'a Arc<Core>,
    held: &'a [Lease],
    in_hand: &'a InHand,
    places: &'a Arc<Semaphore>,
}

impl Round<'_> {
    /// Starts sending what is due. Returns true when there may be more.
    async fn send_due(&self, sending: &TaskTracker) -> Result<bool, Error> {
        let lanes: Vec<Lane> = self.held.iter().map(|lease| lease.lane).collect();
        if lanes.is_empty() {
            return Ok(false);
        }
        let query = OutboxQuery::Due(self.core.clock.now());
        let due = self.core.store.outbox(&lanes, query, TAKE).await?;
        let mut started = 0_u32;
        for message in due {
            if self.in_hand.take(message.id) {
                started += 1;
                self.start(message, sending).await;
            }
        }
        Ok(started > 0)
    }

    async fn start(&self, message: Message, sending: &TaskTracker) {
        let lane = message.owner.lane();
        let term = self.held.iter().find(|lease| lease.lane == lane).map(|lease| lease.term);
        let place = Arc::clone(self.places).acquire_owned().await;
        let (core, in_hand) = (Arc::clone(self.core), self.in_hand.clone());
        sending.spawn(async move {
            let id = message.id;
            if let (Some(term), Ok(_place)) = (term, place)
                && let Err(error) = core.deliver(&message, term).await
            {
                tracing::warn!(message.id = %id, %error, "message {id} not taken up");
            }
            in_hand.give_back(id);
        });
    }
}
