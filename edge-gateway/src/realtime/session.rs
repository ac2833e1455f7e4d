//! The engine behind every live connection: ready, what was missed, what happens, heartbeats,
//! commands, and the end.
//!
//! A face only moves frames; all rules are here. While a frame is being written the session keeps
//! watching whether the other side falls behind and whether it is time to go.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::{
    Realtime,
    close::Close,
    commands::{Command, Commands},
    door::Place,
    end::End,
    follower::Follower,
    frame::{Frame, HEARTBEAT_SECONDS},
    ticket::Ticket,
};
use crate::ids;

const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);
/// A frame that is not taken for so long is never taken.
const STUCK: Duration = Duration::from_secs(30);

/// One kind of connection: moves frames and nothing else.
pub(super) trait Face: Send + 'static {
    /// Writes a frame.
    fn send(&mut self, frame: &Frame) -> impl Future<Output = Result<(), Gone>> + Send;
    /// What the other side says next. Must be safe to cancel.
    fn next(&mut self) -> impl Future<Output = Incoming> + Send;
    /// Says why it ends.
    fn close(self, close: Close) -> impl Future<Output = ()> + Send;
}

/// The other side is no longer there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone;

/// What the other side says.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A command.
    Command(Command),
    /// Nothing that this protocol knows.
    Bad,
    /// It has left.
    Gone,
}

/// A running connection.
#[derive(Debug)]
pub(super) struct Session<F> {
    face: F,
    follower: Follower,
    commands: Commands,
    heartbeat: Interval,
    end: End,
    origin: String,
    reset: bool,
    _place: Place,
}

/// Why the engine stops.
enum Stop {
    Close(Close),
    Gone,
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Close> for Stop {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl<F: Face> Session<F> {
    pub(super) fn new(realtime: &Realtime, ticket: Ticket, face: F) -> Self {
        let Ticket { caller, place, start, reset } = ticket;
        let hub = realtime.hubs.join(caller.subject());
        let origin = ids::mint();
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            face,
            follower: Follower::new(realtime.core.clone(), &caller, hub, start),
            commands: Commands::new(realtime, &caller, &origin),
            heartbeat,
            end: End::new(realtime),
            origin,
            reset,
            _place: place,
        }
    }

    /// Runs to the end.
    pub(super) async fn run(mut self) {
        if let Err(Stop::Close(close)) = self.serve().await {
            self.face.close(close).await;
        }
    }

    async fn serve(&mut self) -> Result<(), Stop> {
        let start = Arc::clone(self.follower.position());
        self.send(&Frame::ready(Arc::clone(&start))).await?;
        if self.reset {
            self.send(&Frame::reset(start)).await?;
        }
        loop {
            let step = tokio::select! {
                frame = self.follower.next() => Step::Frame(frame?),
                incoming = self.face.next() => Step::Incoming(incoming),
                _ = self.heartbeat.tick() => Step::Heartbeat,
                () = self.end.reached() => return Err(Close::GoingAway.into()),
            };
            match step {
                Step::Frame(frame) if frame.is_from(&self.origin) => {}
                Step::Frame(frame) => self.send(&frame).await?,
                Step::Heartbeat => {
                    let position = Arc::clone(self.follower.position());
                    self.send(&Frame::heartbeat(position)).await?;
                }
                Step::Incoming(Incoming::Gone) => return Err(Stop::Gone),
                Step::Incoming(Incoming::Bad) => return Err(Close::BadFrame.into()),
                Step::Incoming(Incoming::Command(command)) => {
                    self.commands.count()?;
                    match command {
                        Command::Ping => self.send(&Frame::pong()).await?,
                        Command::Typing { conversation_id, typing } => {
                            self.commands.signal(conversation_id, typing);
                        }
                    }
                }
            }
        }
    }

    /// Writes a frame unless the other side proves too slow or it is time to go.
    async fn send(&mut self, frame: &Frame) -> Result<(), Stop> {
        tokio::select! {
            biased;
            sent = timeout(STUCK, self.face.send(frame)) => match sent {
                Ok(sent) => Ok(sent?),
                Err(_) => Err(Close::TooSlow.into()),
            },
            () = self.follower.fell_behind() => Err(Close::TooSlow.into()),
            () = self.end.reached() => Err(Close::GoingAway.into()),
        }
    }
}

enum Step {
    Frame(Arc<Frame>),
    Incoming(Incoming),
    Heartbeat,
}
