//! Sending what is queued.
//!
//! Invariant: a message is in hand once at a time, and only under a live lease; it is let go only when
//! the store has said where it stands. What an earlier holder was sending is never sent again, it
//! becomes unknown.

mod desk;
mod errand;
mod looks;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    desk::{Desk, Turn},
    errand::Errand,
    looks::Looks,
};
use super::held::Held;
use crate::{
    domain::owner::Lane,
    flows::{Core, Error, send::Queued},
    store::{Lease, OutboxQuery},
};

/// How many are read at a time.
const TAKE: u32 = 256;

/// Sends until `stop`; then waits for what is on its way.
///
/// Whoever records a send hands it over directly ([`crate::flows::send::Handover`]); the store is looked
/// at for everything else: what others recorded, what was put off, what an earlier process left.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let (mut queued, mut gains) = (core.store.queued(), held.gains());
    let sending = TaskTracker::new();
    let mut outbox = Outbox {
        core: Arc::clone(&core),
        held,
        stop: stop.clone(),
        desk: Desk::default(),
        looks: Looks::default(),
        terms: HashMap::new(),
        explained: 0,
    };
    while !stop.is_cancelled() {
        let open = outbox.held.open();
        core.handover.open(open.iter().map(|lease| lease.lane));
        core.handover.take().into_iter().for_each(|queued| outbox.desk.put(queued));
        outbox.start(&sending);
        let unexplained = outbox.unexplained(*queued.borrow_and_update());
        if unexplained > outbox.explained {
            outbox.looks.soon();
        }
        if outbox.looks.is_time() {
            outbox.explained = outbox.explained.max(unexplained);
            if let Err(error) = outbox.look(&open).await {
                tracing::warn!(%error, "the outbox waits");
            }
            outbox.start(&sending);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = core.handover.woken() => {}
            () = outbox.desk.changed() => {}
            Ok(()) = gains.changed() => outbox.looks.at_once(),
            Ok(()) = queued.changed() => {}
            () = outbox.looks.wait(&core.clock) => {}
        }
    }
    core.handover.open([]);
    sending.close();
    sending.wait().await;
}

struct Outbox {
    core: Arc<Core>,
    held: Held,
    stop: CancellationToken,
    desk: Desk,
    looks: Looks,
    /// Under which term each lane was taken over.
    terms: HashMap<Lane, u64>,
    /// So many hints more than handovers were followed by a look. Handovers that are promised hide hints
    /// for the moment, never for good.
    explained: i64,
}

impl Outbox {
    /// How many hints there were that no handover explains.
    fn unexplained(&self, hints: u64) -> i64 {
        hints.cast_signed() - self.core.handover.promised()
    }

    /// Starts sending what is on the desk, as far as there is room.
    fn start(&mut self, sending: &TaskTracker) {
        while let Some(turn) = self.desk.next() {
            let Turn { queued, place, hold } = turn;
            let Some(guard) = self.held.take(queued.message().owner.lane()) else {
                // Whoever has the lane next finds it in the queue.
                self.core.waiters.elsewhere(queued.message().id);
                continue;
            };
            let errand = Errand { core: Arc::clone(&self.core), stop: self.stop.clone(), guard };
            sending.spawn(async move {
                if let Some(due) = errand.run(queued, place).await {
                    hold.put_off(due);
                }
            });
        }
        if self.desk.wants_more() {
            self.looks.soon();
        }
        self.desk.put_off().into_iter().for_each(|due| self.looks.put_off(due));
    }

    /// Takes from the store what is due and not yet on the desk.
    async fn look(&mut self, open: &[Lease]) -> Result<(), Error> {
        let now = self.core.clock.now();
        self.looks.begin(now);
        if let Err(error) = self.take_over(open).await {
            tracing::warn!(%error, "what was being sent before is not settled yet");
        }
        let all: Vec<Lane> = open.iter().map(|lease| lease.lane).collect();
        let mut lanes = all.clone();
        self.desk.caught_up();
        while !lanes.is_empty() {
            let page = self.core.store.outbox(&lanes, OutboxQuery::Due(now), TAKE).await?;
            let full = page.len() >= TAKE as usize;
            let filled: HashSet<Lane> = page.iter().map(|message| message.owner.lane()).collect();
            page.into_iter().for_each(|message| self.desk.put(Queued::found(message)));
            if !full {
                break;
            }
            self.desk.fell_behind();
            if self.desk.is_full() {
                break;
            }
            // What these lanes have waiting must not hide what others have.
            lanes.retain(|lane| !filled.contains(lane));
        }
        if self.looks.asks_next_due() && !all.is_empty() {
            let next = self.core.store.next_due(&all).await?;
            self.looks.next_due(next, now);
        }
        Ok(())
    }

    /// Settles what earlier holders of newly leased lanes were sending.
    async fn take_over(&mut self, open: &[Lease]) -> Result<(), Error> {
        for lease in open {
            if self.terms.get(&lease.lane) == Some(&lease.term) {
                continue;
            }
            // What was put off under another holder is not known here.
            self.looks.know_nothing();
            loop {
                let query = OutboxQuery::Stranded(lease.term);
                let stranded = self.core.store.outbox(&[lease.lane], query, TAKE).await?;
                if stranded.is_empty() {
                    break;
                }
                for message in &stranded {
                    self.core.abandon(message).await?;
                }
            }
            self.terms.insert(lease.lane, lease.term);
        }
        Ok(())
    }
}
