//! Following an owner's log: the log is the truth, the tail only wakes.
//!
//! Invariant: a reader sees every entry once and in order, or is told to start over; never a part.

use std::{sync::Arc, time::Duration};

use futures_util::Stream;
use tokio_util::sync::CancellationToken;

use super::{Core, Error, cursor::After};
use crate::domain::{
    event::{Head, Logged, Position},
    owner::Owner,
};

/// How many entries are read at a time.
const PAGE: u32 = 256;
/// How often the log is looked at although nothing woke us: a hint may be lost. Seldom, as thousands
/// follow: stores that carry hints between processes have a poll of their own behind them.
const LOOK: Duration = Duration::from_secs(10);
/// How often a silent stream says where it stands.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One step of following.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// First: where following starts.
    Ready(Position),
    /// An entry.
    Event(Box<Logged>),
    /// What was asked for is no longer kept: reload, go on from here.
    Reset(Position),
    /// Nothing new; this is where it stands.
    Heartbeat(Position),
}

/// A page of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// Entries in order.
    pub events: Vec<Logged>,
    /// Go on after this one.
    pub next: Position,
    /// What was asked for is no longer kept.
    pub reset: bool,
    /// True when more can be read at once.
    pub more: bool,
}

/// Where to go on after `after`, or `None` when that is impossible.
fn resume(head: &Head, after: Option<After>, default: Position) -> Option<Position> {
    match after {
        None => Some(default),
        Some(After::OtherEpoch) => None,
        Some(After::Position(position)) => {
            let kept = position.next() >= head.kept_from;
            (kept && position <= head.position).then_some(position)
        }
    }
}

impl Core {
    /// The state of an owner's log.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn position(&self, owner: &Owner) -> Result<Head, Error> {
        Ok(self.store.head(owner).await?)
    }

    /// Whether following can go on after `after`.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn can_resume(&self, owner: &Owner, after: After) -> Result<bool, Error> {
        let head = self.store.head(owner).await?;
        Ok(resume(&head, Some(after), head.position).is_some())
    }

    /// A page of an owner's log; without `after` from the oldest entry kept.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn list_events(
        &self,
        owner: &Owner,
        after: Option<After>,
        limit: u32,
    ) -> Result<EventPage, Error> {
        let head = self.store.head(owner).await?;
        let oldest = Position(head.kept_from.0.saturating_sub(1));
        let Some(from) = resume(&head, after, oldest) else {
            return Ok(EventPage {
                events: Vec::new(),
                next: head.position,
                reset: true,
                more: false,
            });
        };
        let events = self.store.events(owner, from, limit).await?;
        if events.first().is_some_and(|first| first.position != from.next()) {
            // Trimmed between the two reads.
            let head = self.store.head(owner).await?;
            return Ok(EventPage {
                events: Vec::new(),
                next: head.position,
                reset: true,
                more: false,
            });
        }
        let next = events.last().map_or(from, |last| last.position);
        let more = next < head.position;
        Ok(EventPage { events, next, reset: false, more })
    }

    /// Follows an owner's log until `stop`; without `after` from now on.
    pub fn follow(
        self: &Arc<Self>,
        owner: Owner,
        after: Option<After>,
        stop: CancellationToken,
    ) -> impl Stream<Item = Result<Frame, Error>> + Send + use<> {
        let core = Arc::clone(self);
        let start = Follower { core, owner, stop, state: State::Starting(after) };
        futures_util::stream::unfold(start, |mut follower| async move {
            let frame = follower.step().await.transpose()?;
            if frame.is_err() {
                follower.state = State::Ended;
            }
            Some((frame, follower))
        })
    }
}

enum State {
    Starting(Option<After>),
    Following { at: Position, read: std::vec::IntoIter<Logged> },
    Ended,
}

struct Follower {
    core: Arc<Core>,
    owner: Owner,
    stop: CancellationToken,
    state: State,
}

impl Follower {
    /// The next frame; `None` when it is over.
    async fn step(&mut self) -> Result<Option<Frame>, Error> {
        match &mut self.state {
            State::Ended => Ok(None),
            State::Starting(after) => {
                let after = after.take();
                let head = self.core.store.head(&self.owner).await?;
                let (at, frame) = match resume(&head, after, head.position) {
                    Some(at) => (at, Frame::Ready(at)),
                    None => (head.position, Frame::Reset(head.position)),
                };
                self.state = State::Following { at, read: Vec::new().into_iter() };
                Ok(Some(frame))
            }
            State::Following { at, read } => {
                if let Some(event) = read.next() {
                    *at = event.position;
                    return Ok(Some(Frame::Event(Box::new(event))));
                }
                let at = *at;
                self.scan(at).await
            }
        }
    }

    /// Reads what came after `at`; waits while there is nothing.
    async fn scan(&mut self, at: Position) -> Result<Option<Frame>, Error> {
        // Listening begins before reading, so nothing slips between the two.
        let mut tail = self.core.store.tail(&self.owner);
        let silence = tokio::time::sleep(HEARTBEAT);
        tokio::pin!(silence);
        loop {
            tail.mark_unchanged();
            let mut found = self.core.store.events(&self.owner, at, PAGE).await?.into_iter();
            if let Some(first) = found.next() {
                if first.position != at.next() {
                    let head = self.core.store.head(&self.owner).await?;
                    self.state =
                        State::Following { at: head.position, read: Vec::new().into_iter() };
                    return Ok(Some(Frame::Reset(head.position)));
                }
                self.state = State::Following { at: first.position, read: found };
                return Ok(Some(Frame::Event(Box::new(first))));
            }
            tokio::select! {
                () = self.stop.cancelled() => {
                    self.state = State::Ended;
                    return Ok(None);
                }
                () = &mut silence => return Ok(Some(Frame::Heartbeat(at))),
                changed = tail.changed() => if changed.is_err() {
                    tail = self.core.store.tail(&self.owner);
                },
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
