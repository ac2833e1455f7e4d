//! Reading anew what Meta's news left open.
//!
//! Invariant: one owner's things are read by one task of this process at a time, with a pause in between:
//! many news in a row are one read, and Meta is not asked again and again for what it refuses.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::{Id, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::held::Held;
use crate::{
    domain::{
        backoff::Backoff,
        owner::{Lane, Owner},
    },
    flows::{Core, Error},
};

/// Owners at a time.
const AT_ONCE: usize = 4;
/// The pause after a read that went well.
const REST: Duration = Duration::from_secs(5);
/// The pauses after reads that did not.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(15 * 60));
/// How often it is looked for although nothing asked for it: for what other processes left behind.
const BELT: Duration = Duration::from_secs(5 * 60);

/// How soon it is looked for after lanes were gained; they come one after the other.
const SETTLE: Duration = Duration::from_secs(1);

/// Reads until `stop`; what is being read then is left for the next start.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let (mut told, mut gains) = (core.refreshes.listen(), held.gains());
    let mut desk = Desk {
        core,
        held,
        wanted: HashSet::new(),
        turns: HashMap::new(),
        tasks: JoinSet::new(),
        in_hand: HashMap::new(),
    };
    let mut look = Instant::now() + SETTLE;
    while !stop.is_cancelled() {
        // Listening begins before looking, so nothing slips between the two.
        told.mark_unchanged();
        desk.wanted.extend(desk.core.refreshes.take());
        if look <= Instant::now() {
            desk.look().await;
            look = Instant::now() + BELT;
        }
        let next = desk.begin().map_or(look, |turn| turn.min(look));
        tokio::select! {
            () = stop.cancelled() => {}
            // An error means that nobody tells any more: the belt does.
            Ok(()) = told.changed() => {}
            Ok(()) = gains.changed() => look = look.min(Instant::now() + SETTLE),
            () = desk.ended() => {}
            () = sleep_until(next) => {}
        }
    }
}

/// When an owner's next read may begin, and how many failed in a row.
struct Turn {
    not_before: Instant,
    failed: u32,
}

struct Desk {
    core: Arc<Core>,
    held: Held,
    /// Who has something to read anew.
    wanted: HashSet<Owner>,
    /// Who was read lately.
    turns: HashMap<Owner, Turn>,
    tasks: JoinSet<Result<(), Error>>,
    in_hand: HashMap<Id, Owner>,
}

impl Desk {
    /// Finds what nobody in this process was told of.
    async fn look(&mut self) {
        let lanes: Vec<Lane> = self.held.open().into_iter().map(|lease| lease.lane).collect();
        match self.core.stale(&lanes).await {
            Ok(owners) => self.wanted.extend(owners),
            Err(error) => tracing::warn!(%error, "what is to be read anew is looked for later"),
        }
    }

    /// Begins what may begin, as far as there is room. Returns when the next may, unless something in
    /// hand ends before.
    fn begin(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.turns.retain(|_, turn| now < turn.not_before || turn.failed > 0);
        let mut next = None;
        for owner in self.wanted.clone() {
            let turn = self.turns.get(&owner).map_or(now, |turn| turn.not_before);
            if self.tasks.len() >= AT_ONCE || self.in_hand.values().any(|busy| *busy == owner) {
                continue;
            }
            if now < turn {
                next = [next, Some(turn)].into_iter().flatten().min();
                continue;
            }
            self.wanted.remove(&owner);
            let (core, named) = (Arc::clone(&self.core), owner.clone());
            let task = self.tasks.spawn(async move { core.refresh(&named).await });
            self.in_hand.insert(task.id(), owner);
        }
        next
    }

    /// Waits until something in hand has ended; for ever while there is nothing.
    async fn ended(&mut self) {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let (id, read) = match ended {
            Ok((id, read)) => (id, read.map_err(|error| error.to_string())),
            Err(broken) => (broken.id(), Err(broken.to_string())),
        };
        let Some(owner) = self.in_hand.remove(&id) else { return };
        let failed = self.turns.get(&owner).map_or(0, |turn| turn.failed);
        let (failed, pause) = match read {
            Ok(()) => (0, REST),
            Err(error) => {
                let failed = failed + 1;
                tracing::warn!(error, failed, "what Meta's news left open is read later");
                self.wanted.insert(owner.clone());
                (failed, PAUSES.pause(failed, rand::random()))
            }
        };
        self.turns.insert(owner, Turn { not_before: Instant::now() + pause, failed });
    }
}
