//! Applying what Meta delivered.
//!
//! The journal is looked through for all lanes at once, and each lane then works by itself on what was
//! found for it. A lane that is still at work is left out of the next look.
//!
//! Invariant: deliveries of a lane are applied in the order of arrival; of one that fails again and again
//! the elements that cause it are set aside with their reasons, it never stops the others, and no lane
//! waits for another.

mod hands;
mod lane;
mod numbers;
mod pieces;
mod rests;
mod tally;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use self::{
    hands::Hands,
    lane::{Ended, Work},
    numbers::Numbers,
    rests::Rests,
};
use super::held::Held;
use crate::{
    domain::{delivery::Pending, owner::Lane},
    flows::Core,
    store::StoreError,
};

/// How many deliveries are read at a time.
const TAKE: u32 = 128;
/// How often the journal is looked at although nothing woke us.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait when the store is away.
const AWAY: Duration = Duration::from_millis(250);
/// How long lanes wait for each other before the next look, which costs as much for all of them as for
/// one.
const SLICE: Duration = Duration::from_millis(25);
/// A look that finds so many deliveries is followed by none for a while: what comes meanwhile is applied
/// together, and cheaper.
const MANY: usize = 64;
/// For so long.
const PACE: Duration = Duration::from_millis(100);

/// Applies deliveries until `stop`; then waits for those in hand.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let wakes = Wakes { arrivals: core.store.arrivals(), gains: held.gains() };
    let mut apply = Apply {
        core,
        held,
        numbers: Arc::default(),
        hands: Hands::default(),
        rests: Rests::default(),
        wakes,
    };
    while stop.run_until_cancelled(apply.round()).await.is_some() {}
    while apply.hands.next().await.is_some() {}
}

struct Apply {
    core: Arc<Core>,
    held: Held,
    numbers: Arc<Numbers>,
    hands: Hands,
    rests: Rests,
    wakes: Wakes,
}

/// What says that there may be something to look for.
struct Wakes {
    arrivals: watch::Receiver<u64>,
    gains: watch::Receiver<u64>,
}

impl Apply {
    /// Looks once, and waits until it is worth looking again. May be dropped while it waits.
    async fn round(&mut self) {
        // Listening begins before looking, so nothing slips between the two.
        self.wakes.arrivals.mark_unchanged();
        self.wakes.gains.mark_unchanged();
        let looked = Instant::now();
        match self.look(looked).await {
            Ok(0) => self.idle(looked).await,
            Ok(count) if (MANY..TAKE as usize).contains(&count) => {
                self.catch_up(looked + PACE).await;
                sleep_until(looked + PACE).await;
            }
            // Few, or more than were read: go on.
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "deliveries wait");
                sleep(AWAY).await;
            }
        }
        self.catch_up(looked + SLICE).await;
    }

    /// Reads what waits in the lanes that are at leisure, and sets them to work. Returns how many
    /// deliveries there were.
    async fn look(&mut self, now: Instant) -> Result<usize, StoreError> {
        let open = self.held.open().into_iter().map(|lease| lease.lane);
        let free = |lane: &Lane| !self.hands.has(*lane) && !self.rests.has(*lane, now);
        let lanes: Vec<Lane> = open.filter(free).collect();
        if lanes.is_empty() {
            return Ok(0);
        }
        let rows = self.core.store.pending(&lanes, TAKE).await?;
        let count = rows.len();
        let mut by_lane: BTreeMap<Lane, Vec<Pending>> = BTreeMap::new();
        for row in rows {
            by_lane.entry(row.lane).or_default().push(row);
        }
        for (lane, rows) in by_lane {
            self.begin(lane, rows);
        }
        Ok(count)
    }

    /// Sets a lane to work, unless it was lost or closed since.
    fn begin(&mut self, lane: Lane, rows: Vec<Pending>) {
        let Some(guard) = self.held.take(lane) else { return };
        let work = Work {
            core: Arc::clone(&self.core),
            numbers: Arc::clone(&self.numbers),
            tally: Arc::default(),
            guard: Arc::new(guard),
            patient: self.rests.patience(lane),
        };
        let (count, bytes) = (rows.len(), rows.iter().map(|row| row.body.len()).sum());
        self.hands.begin(lane, count, bytes, work.run(rows));
    }

    /// Waits until there may be something to look for.
    async fn idle(&mut self, looked: Instant) {
        let belt = looked + LOOK;
        let wake = self.rests.first_end(looked).map_or(belt, |end| end.min(belt));
        tokio::select! {
            // An error means that nobody tells any more: the clock does.
            Ok(()) = self.wakes.arrivals.changed() => {}
            Ok(()) = self.wakes.gains.changed() => {}
            Some((lane, ended)) = self.hands.next() => self.ended(lane, ended),
            () = sleep_until(wake) => {}
        }
    }

    /// Waits for the lanes at work, but no longer than until then, unless they have as much in hand as
    /// they may.
    async fn catch_up(&mut self, until: Instant) {
        while !self.hands.are_empty() {
            let full = self.hands.are_full();
            tokio::select! {
                biased;
                Some((lane, ended)) = self.hands.next() => self.ended(lane, ended),
                () = sleep_until(until), if !full => return,
                else => return,
            }
        }
    }

    /// Remembers how a lane's round ended.
    fn ended(&mut self, lane: Lane, ended: Ended) {
        let number = lane.number();
        match ended {
            Ended::Done | Ended::Lost => self.rests.over(lane),
            Ended::Contended(why) => {
                tracing::warn!(lane = number, why, "deliveries of lane {number} wait for rivals");
                self.rests.contended(lane);
            }
            Ended::Away(why) => {
                tracing::warn!(lane = number, why, "deliveries of lane {number} wait");
                self.rests.away(lane);
            }
        }
    }
}
