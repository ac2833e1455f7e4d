//! Fetching files that came in.
//!
//! A download may take minutes, so none is in hand under its lane's lease: that would keep the lane from
//! being given back. The lease is asked for when there is something to record; who lost it meanwhile drops
//! what it has, and the next holder fetches again.
//!
//! Invariant: a file is fetched by one task of this process at a time, and no owner has more than its
//! share; what became of it is recorded only under a lease.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::held::Held;
use crate::{
    domain::{
        ids::MessageId,
        message::Message,
        owner::{Lane, Owner},
        rules::fetch::Setback,
        time::Timestamp,
    },
    flows::{Core, media::Fetched},
    store::StoreError,
};

/// Files at a time; each may hold 5 MiB of memory.
const AT_ONCE: usize = 8;
/// Of one owner.
const OF_ONE: usize = 2;
/// How many messages are read at a time.
const TAKE: u32 = 128;
/// How many when those were of owners who have their share already: as many as a store gives.
const TAKE_DEEP: u32 = 1_000;
/// How often it is looked for although nothing asked for it: a commit may be written after it was called
/// lost.
const BELT: Duration = Duration::from_secs(10);
/// The least time between two looks.
const REST: Duration = Duration::from_millis(50);
/// How long to wait when the store is away.
const AWAY: Duration = Duration::from_secs(1);
/// How often recording is tried.
const TRIES: u32 = 60;

/// Fetches until `stop`; what is being downloaded then is left for the next start.
pub(super) async fn run(core: Arc<Core>, held: Held, stop: CancellationToken) {
    let (mut told, mut gains) = (core.fetches.listen(), held.gains());
    let mut fetching =
        Fetching { core, held, stop: stop.clone(), tasks: JoinSet::new(), in_hand: HashMap::new() };
    while !stop.is_cancelled() {
        // Listening begins before looking, so nothing slips between the two.
        told.mark_unchanged();
        gains.mark_unchanged();
        let next = match fetching.look().await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "files wait");
                stop.run_until_cancelled(sleep(AWAY)).await;
                continue;
            }
        };
        stop.run_until_cancelled(sleep(REST)).await;
        let clock = fetching.core.clock.clone();
        let is_due = async {
            match next {
                Some(next) => clock.sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            // An error means that nobody tells any more: the belt does.
            Ok(()) = told.changed() => {}
            Ok(()) = gains.changed() => {}
            () = fetching.ended() => {}
            () = is_due => {}
            () = sleep(BELT) => {}
        }
    }
    while !fetching.tasks.is_empty() {
        fetching.ended().await;
    }
}

struct Fetching {
    core: Arc<Core>,
    held: Held,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    in_hand: HashMap<Id, (MessageId, Owner)>,
}

/// What was read.
struct Read {
    /// There may be more.
    full: bool,
    /// Whose lanes it was of.
    lanes: BTreeSet<Lane>,
}

impl Fetching {
    /// Begins what is due, as far as there is room. Returns when something is due next; what finds no room
    /// is looked for again when something ends.
    async fn look(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let mut lanes: Vec<Lane> = self.held.open().iter().map(|lease| lease.lane).collect();
        let all = lanes.clone();
        let now = self.core.clock.now();
        while !lanes.is_empty() && self.tasks.len() < AT_ONCE {
            let mut page = self.page(&lanes, now, TAKE).await?;
            if page.full && self.tasks.len() < AT_ONCE {
                // What one owner has waiting must not hide what neighbours in the lane have.
                page = self.page(&lanes, now, TAKE_DEEP).await?;
            }
            // What these lanes have waiting must not hide what others have.
            lanes.retain(|lane| page.full && !page.lanes.contains(lane));
        }
        if all.is_empty() {
            return Ok(None);
        }
        self.core.store.next_fetch(&all, now).await
    }

    /// Reads what is due in some lanes, and begins of it what there is room for.
    async fn page(
        &mut self,
        lanes: &[Lane],
        now: Timestamp,
        limit: u32,
    ) -> Result<Read, StoreError> {
        let page = self.core.store.fetches(lanes, now, limit).await?;
        let full = page.len() >= limit as usize;
        let lanes = page.iter().map(|row| row.owner.lane()).collect();
        page.into_iter().for_each(|message| self.begin(message));
        Ok(Read { full, lanes })
    }

    fn begin(&mut self, message: Message) {
        let of_one = self.in_hand.values().filter(|(_, owner)| *owner == message.owner).count();
        let known = self.in_hand.values().any(|(id, _)| *id == message.id);
        if known || of_one >= OF_ONE || self.tasks.len() >= AT_ONCE {
            return;
        }
        let named = (message.id, message.owner.clone());
        let (core, held, stop) = (Arc::clone(&self.core), self.held.clone(), self.stop.clone());
        let task = self.tasks.spawn(errand(core, held, stop, message));
        self.in_hand.insert(task.id(), named);
    }

    /// Waits until something in hand has ended; for ever while there is nothing.
    async fn ended(&mut self) {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let id = match ended {
            Ok((id, ())) => id,
            Err(broken) => broken.id(),
        };
        self.in_hand.remove(&id);
    }
}

/// Fetches one file and records what became of it.
async fn errand(core: Arc<Core>, held: Held, stop: CancellationToken, message: Message) {
    let (asked, copy) = (Arc::clone(&core), message.clone());
    // A task of its own: a panic is a failure of that file alone, and is not tried again at once.
    let fetching = AbortOnDropHandle::new(tokio::spawn(async move { asked.fetch(&copy).await }));
    let Some(fetched) = stop.run_until_cancelled(fetching).await else { return };
    let Some(fetched) = fetched.unwrap_or_else(|panic| Some(broken(&message, &panic))) else {
        return;
    };
    for _ in 0..TRIES {
        let Some(guard) = held.take(message.owner.lane()) else { return };
        let Err(error) = core.settle_fetch(&message, &fetched).await else { return };
        // Who waits for the store keeps no lane from being given back.
        drop(guard);
        let id = message.id;
        tracing::warn!(message.id = %id, %error, "the outcome of message {id}'s file is not recorded yet");
        if stop.run_until_cancelled(sleep(AWAY)).await.is_none() {
            return;
        }
    }
}

fn broken(message: &Message, panic: &JoinError) -> Fetched {
    let id = message.id;
    tracing::error!(message.id = %id, %panic, "fetching the file of message {id} panicked");
    let why = "a fault of ours".to_owned();
    Fetched::Failed(Setback::Away { why, retry_after: None })
}
