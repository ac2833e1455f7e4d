//! What is known of an outbound message.
//!
//! Two things decide it: our own phase (queued, sending, unknown …), which the sender moves, and the
//! evidence that Meta gave, a set that only grows. Shown is the best evidence, else the phase.
//!
//! Invariant: evidence merges as a set, so the order and the number of deliveries never matter
//! (`read` beats `delivered` beats `failed` beats `sent` beats `accepted`); no time and no error is lost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{refusal::MetaReason, time::Timestamp};

/// The most steps of our own that one message keeps: an attempt that is put back again and again
/// must not grow the row. Evidence is kept beyond it.
const OWN_STEPS: usize = 64;
/// The most steps in all. Meta's repeats carry the same times and merge, so nothing real reaches it.
const ALL_STEPS: usize = 256;

/// From the beginning of a second to its last millisecond.
const END_OF_SECOND: Duration = Duration::from_millis(999);

/// The state of a message, as callers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Inbound.
    Received,
    /// Recorded, waits for its turn.
    Queued,
    /// On its way to Meta.
    Sending,
    /// Meta may or may not have it; never sent again by itself.
    Unknown,
    /// Meta took it.
    Accepted,
    /// WhatsApp has it.
    Sent,
    /// Refused, by Meta or by us. Not final: a later delivery overrides it.
    Failed,
    /// On the candidate's phone.
    Delivered,
    /// Seen.
    Read,
}

impl Status {
    /// Strength as evidence of Meta; `None` for phases of our own.
    const fn evidence(self) -> Option<u8> {
        match self {
            Self::Received | Self::Queued | Self::Sending | Self::Unknown => None,
            Self::Accepted => Some(1),
            Self::Sent => Some(2),
            Self::Failed => Some(3),
            Self::Delivered => Some(4),
            Self::Read => Some(5),
        }
    }

    /// True once nothing more will happen by our own doing: a waiting caller can be answered.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::Sending)
    }
}

/// Why a message failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Meta's code; 0 when the reason is ours.
    pub code: i32,
    /// One of our public names.
    pub name: String,
    /// In plain words.
    pub details: String,
    /// Meta's subcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i32>,
    /// For Meta's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fbtrace_id: Option<String>,
}

impl Failure {
    /// A failure whose reason is ours.
    pub fn ours(name: &str, details: &str) -> Self {
        Self {
            code: 0,
            name: name.to_owned(),
            details: details.to_owned(),
            subcode: None,
            fbtrace_id: None,
        }
    }

    /// A failure whose reason is Meta's, under one of our public names.
    pub fn of_meta(reason: MetaReason, name: &str) -> Self {
        let MetaReason { code, subcode, details, fbtrace_id } = reason;
        Self { code, name: name.to_owned(), details, subcode, fbtrace_id }
    }

    /// What Meta said.
    pub fn reason(&self) -> MetaReason {
        let Self { code, name: _, details, subcode, fbtrace_id } = self.clone();
        MetaReason { code, subcode, details, fbtrace_id }
    }
}

/// One step in a message's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where it came to.
    pub status: Status,
    /// When, by whoever said so.
    pub at: Timestamp,
    /// Why, for failures.
    pub error: Option<Failure>,
}

/// The whole life of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    status: Status,
    phase: Status,
    history: Vec<Step>,
}

impl Life {
    /// The life of a message that came in.
    pub fn received(at: Timestamp) -> Self {
        Self::begin(Status::Received, at)
    }

    /// The life of a message that is about to be sent.
    pub fn queued(at: Timestamp) -> Self {
        Self::begin(Status::Queued, at)
    }

    /// The life of a message that went out, but not through us: all that is known is what Meta says.
    pub fn reported(step: Step) -> Self {
        let mut life = Self { status: step.status, phase: Status::Accepted, history: Vec::new() };
        life.merge(step);
        life
    }

    fn begin(status: Status, at: Timestamp) -> Self {
        Self { status, phase: status, history: vec![Step { status, at, error: None }] }
    }

    /// What callers see.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Where our own sending stands; `Accepted` means that it is over.
    pub const fn phase(&self) -> Status {
        self.phase
    }

    /// Every step, oldest first.
    pub fn history(&self) -> &[Step] {
        &self.history
    }

    /// Why it failed, while it counts as failed.
    pub fn failure(&self) -> Option<&Failure> {
        if self.status != Status::Failed {
            return None;
        }
        self.history.iter().rev().find_map(|step| step.error.as_ref())
    }

    /// Takes one step in. Returns true when the shown status changed.
    ///
    /// A step that is known (same status, time and code) changes nothing, so a message may be told
    /// the same thing any number of times, in any order.
    pub fn merge(&mut self, step: Step) -> bool {
        let known = self.history.iter().any(|known| {
            known.status == step.status
                && known.at == step.at
                && known.error.as_ref().map(|e| e.code) == step.error.as_ref().map(|e| e.code)
        });
        let room = if step.status.evidence().is_none() {
            self.phase = step.status;
            OWN_STEPS
        } else {
            // Evidence means that our own part is over, however it ended.
            self.phase = Status::Accepted;
            ALL_STEPS
        };
        if !known && self.history.len() < room {
            let place = self.history.partition_point(|other| order(other) <= order(&step));
            self.history.insert(place, step);
        }
        let shown = self.strongest().unwrap_or(self.phase);
        let changed = shown != self.status;
        self.status = shown;
        changed
    }

    fn strongest(&self) -> Option<Status> {
        let evident = self.history.iter().filter(|step| step.status.evidence().is_some());
        evident.max_by_key(|step| step.status.evidence()).map(|step| step.status)
    }
}

/// A total order of steps that does not depend on the order of arrival. Meta counts whole seconds, so
/// what it reports counts as the end of its second: after what we did within it.
fn order(step: &Step) -> (Timestamp, u8, i32) {
    let rank = match step.status {
        Status::Received | Status::Queued => 0,
        Status::Sending => 1,
        Status::Unknown => 2,
        Status::Accepted => 3,
        Status::Sent => 4,
        Status::Failed => 5,
        Status::Delivered => 6,
        Status::Read => 7,
    };
    let reported = rank >= 4 && step.at.as_millis().rem_euclid(1000) == 0;
    let at = if reported { step.at + END_OF_SECOND } else { step.at };
    (at, rank, step.error.as_ref().map_or(0, |error| error.code))
}
