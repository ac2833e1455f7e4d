//! One stream per owner, shared by all of the owner's connections on this edge.
//!
//! The stream is always drained, whatever the connections do. When it breaks it is opened again from
//! the last place, and no connection notices.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use linkojob_proto::v1::{self as pb, subscribe_response::Frame as Received};
use tokio::{sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Status;

use super::{
    frame::{Cursor, Frame},
    ring::{At, Ring},
};
use crate::{
    core::{Call, Core},
    identity::{Actor, Email, RequestId, Role},
};

/// The core says something at least every 15 s; a stream that is silent longer is dead.
const SILENCE: Duration = Duration::from_secs(40);
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// All hubs of this edge.
#[derive(Debug)]
pub(super) struct Hubs {
    core: Core,
    tasks: TaskTracker,
    stop: CancellationToken,
    open: Mutex<HashMap<Email, (usize, Arc<Hub>)>>,
}

/// The newest frames of one owner.
#[derive(Debug)]
pub(super) struct Hub {
    ring: Mutex<Ring>,
    /// Changes whenever the ring does.
    version: watch::Sender<u64>,
    stop: CancellationToken,
}

/// A connection's hold on a hub; the last one to go closes it.
#[derive(Debug)]
pub(super) struct Membership {
    hub: Arc<Hub>,
    changes: watch::Receiver<u64>,
    /// Number of the frame that came next when this connection joined.
    joined: u64,
    hubs: Arc<Hubs>,
    owner: Email,
}

impl Hubs {
    pub(super) fn new(core: Core, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self { core, tasks, stop, open: Mutex::default() }
    }

    /// Joins the owner's hub, opening it when nobody is there.
    pub(super) fn join(self: &Arc<Self>, owner: &Email) -> Membership {
        let mut open = self.lock();
        let (members, hub) = open.entry(owner.clone()).or_insert_with(|| (0, self.start(owner)));
        *members += 1;
        let hub = Arc::clone(hub);
        let (changes, joined) = (hub.version.subscribe(), hub.look(Ring::end));
        Membership { hub, changes, joined, hubs: Arc::clone(self), owner: owner.clone() }
    }

    fn start(&self, owner: &Email) -> Arc<Hub> {
        let stop = self.stop.child_token();
        let hub = Arc::new(Hub { ring: Mutex::default(), version: watch::Sender::new(0), stop });
        let (task, core, owner) = (Arc::clone(&hub), self.core.clone(), owner.clone());
        self.tasks.spawn(async move {
            let follow = follow(&task, &core, &owner);
            let _ended = task.stop.run_until_cancelled(follow).await;
        });
        hub
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Email, (usize, Arc<Hub>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    fn change(&self, change: impl FnOnce(&mut Ring)) {
        change(&mut self.ring.lock().unwrap_or_else(PoisonError::into_inner));
        self.version.send_modify(|version| *version += 1);
    }

    fn look<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(&self.ring.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Membership {
    /// Where a reader who has come to this cursor goes on in the ring, if the ring has it.
    pub(super) fn after(&self, cursor: &str) -> Option<u64> {
        self.hub.look(|ring| ring.after(cursor))
    }

    /// The frame of this number, once it is there; none when it is gone. Safe to cancel.
    pub(super) async fn frame(&mut self, number: u64) -> Option<Arc<Frame>> {
        loop {
            self.changes.borrow_and_update();
            match self.hub.look(|ring| ring.at(number)) {
                At::Frame(frame) => return Some(frame),
                At::Gone => return None,
                At::NotYet => self.changed().await,
            }
        }
    }

    /// True for a signal from before this connection was there: what is in no log is not caught up
    /// on, or everybody who connects would see again who once typed.
    pub(super) fn is_past(&self, number: u64, frame: &Frame) -> bool {
        number < self.joined && frame.cursor().is_none()
    }

    /// Waits until the frame of this number is gone.
    pub(super) async fn lost(&mut self, number: u64) {
        loop {
            self.changes.borrow_and_update();
            if self.hub.look(Ring::first) > number {
                return;
            }
            self.changed().await;
        }
    }

    /// Waits for any change.
    pub(super) async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // The hub is held by this membership, so its sender lives.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut open = self.hubs.lock();
        if let Some((members, hub)) = open.get_mut(&self.owner) {
            *members -= 1;
            if *members == 0 {
                hub.stop.cancel();
                open.remove(&self.owner);
            }
        }
    }
}

/// Keeps the ring filled; never returns.
async fn follow(hub: &Hub, core: &Core, owner: &Email) {
    let mut place: Option<Cursor> = None;
    let mut pause = FIRST_RETRY;
    loop {
        let mut opened = false;
        if let Err(status) = read(hub, core, owner, &mut place, &mut opened).await {
            tracing::warn!(
                grpc.code = ?status.code(),
                "a stream of events broke; it is opened again: {}", status.message()
            );
        }
        // An idle owner's place does not move; that the stream was open is what counts.
        pause = if opened { FIRST_RETRY } else { (pause * 2).min(LAST_RETRY) };
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
    }
}

/// Reads one stream to its end, or until it had better come from elsewhere.
async fn read(
    hub: &Hub,
    core: &Core,
    owner: &Email,
    place: &mut Option<Cursor>,
    opened: &mut bool,
) -> Result<(), Status> {
    // Followed as by the owner: the stream is shared by all who may see this owner's things, and
    // must show no more than that.
    let actor = Actor { email: owner.clone(), role: Role::Manager };
    let (request_id, key) = (RequestId::mint(), owner.to_string());
    let call = Call { actor: Some(actor), request_id, key };
    let after = place.as_deref().unwrap_or_default().to_owned();
    let subscription = pb::Subscription { owner: owner.to_string(), after };
    let mut stream = core.subscribe(&call, subscription).await?;
    loop {
        let heard = timeout(SILENCE, stream.message()).await;
        let heard = heard.map_err(|_| Status::deadline_exceeded("silent for too long"))?;
        let Some(pb::SubscribeResponse { frame }) = heard? else { return Ok(()) };
        match frame {
            Some(Received::Ready(pb::Position { owner: _, cursor })) => {
                let cursor = Cursor::from(cursor);
                *opened = true;
                place.get_or_insert_with(|| Arc::clone(&cursor));
                hub.change(|ring| ring.start(cursor));
            }
            Some(Received::Event(event)) => {
                *place = Some(Cursor::from(event.cursor.as_str()));
                if let Some(frame) = Frame::shown(event) {
                    hub.change(|ring| ring.push(frame));
                }
            }
            Some(Received::Reset(pb::Position { owner: _, cursor })) => {
                let cursor = Cursor::from(cursor);
                *place = Some(Arc::clone(&cursor));
                hub.change(|ring| ring.push(Arc::new(Frame::reset(cursor))));
            }
            Some(Received::Signal(signal)) => {
                hub.change(|ring| ring.push(Arc::new(Frame::signal(signal))));
            }
            // A quiet moment to move back; the place goes along, so nothing is missed.
            Some(Received::Heartbeat(pb::Position { owner: _, cursor: _ }))
                if stream.is_astray() =>
            {
                return Ok(());
            }
            Some(Received::Heartbeat(pb::Position { owner: _, cursor: _ })) | None => {}
        }
    }
}
