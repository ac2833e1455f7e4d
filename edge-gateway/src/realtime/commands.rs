//! What the other side may ask, and how often.

use std::time::Duration;

use linkojob_proto::v1::SignalTypingRequest;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::{Realtime, close::Close};
use crate::{
    core::{Call, Core},
    identity::Caller,
};

const MOST: u32 = 120;
const WITHIN: Duration = Duration::from_secs(60);

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// The person types, or has stopped.
    Typing { conversation_id: String, typing: bool },
    /// Are you there?
    Ping,
}

/// What the other side asked, counted and carried out.
#[derive(Debug)]
pub(super) struct Commands {
    core: Core,
    call: Call,
    owner: String,
    origin: String,
    tasks: TaskTracker,
    since: Instant,
    count: u32,
}

impl Commands {
    pub(super) fn new(realtime: &Realtime, caller: &Caller, origin: &str) -> Self {
        Self {
            core: realtime.core.clone(),
            call: caller.call(),
            owner: caller.owner(),
            origin: origin.to_owned(),
            tasks: realtime.tasks.clone(),
            since: Instant::now(),
            count: 0,
        }
    }

    /// Counts one; refuses more than 120 within a minute.
    pub(super) fn count(&mut self) -> Result<(), Close> {
        if self.since.elapsed() >= WITHIN {
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count += 1;
        if self.count > MOST { Err(Close::TooManyCommands) } else { Ok(()) }
    }

    /// Tells the owner's other connections. Nobody waits for it; a lost one is a keystroke lost.
    pub(super) fn signal(&self, conversation_id: String, typing: bool) {
        let (core, call) = (self.core.clone(), self.call.clone());
        let (owner, origin) = (self.owner.clone(), self.origin.clone());
        let request = SignalTypingRequest { owner, conversation_id, typing, origin };
        self.tasks.spawn(async move {
            if let Err(status) = core.signal_typing(&call, request).await {
                tracing::debug!(grpc.code = ?status.code(), "a typing signal was lost");
            }
        });
    }
}
