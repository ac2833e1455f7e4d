//! Sending what is queued.
//!
//! Invariant: a message is in hand once at a time, and only under a live lease; it is let go only when
//! the store has said where it stands. What an earlier holder was sending is never sent again, it
//! becomes unknown.

mod desk;
mod errand;
mod looks;
mod places;
mod stranded;

use std::{collections::HashSet, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    desk::{Desk, Turn},
    errand::{Errand, Step},
    looks::Looks,
    places::AtOnce,
    stranded::Stranded,
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
/// A send that finds a place is taken up as it is recorded (`places`); one that finds none is handed over
/// ([`crate::flows::send::Handover`]) and waits for its turn. The store is looked at for everything else:
/// what others recorded, what was put off, what an earlier process left.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let (mut queued, mut gains) = (core.store.queued(), held.gains());
    let sending = TaskTracker::new();
    let mut outbox = Outbox {
        core: Arc::clone(&core),
        held,
        stop: stop.clone(),
        desk: Desk::default(),
        looks: Looks::default(),
        stranded: Stranded::default(),
        explained: 0,
    };
    core.places.open(Arc::new(AtOnce {
        core: Arc::clone(&core),
        held: outbox.held.clone(),
        desk: outbox.desk.clone(),
        sending: sending.clone(),
        stop: stop.clone(),
    }));
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
    core.places.close();
    sending.close();
    sending.wait().await;
}

struct Outbox {
    core: Arc<Core>,
    held: Held,
    stop: CancellationToken,
    desk: Desk,
    looks: Looks,
    stranded: Stranded,
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
                let step = Step::TakeUp(Arc::new(queued));
                if let Some(due) = errand.run(step, place).await {
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
        if self.stranded.is_new(open) {
            // What was put off under another holder is not known here.
            self.looks.know_nothing();
        }
        if let Err(error) = self.stranded.settle(&self.core, &self.desk, open).await {
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
}
