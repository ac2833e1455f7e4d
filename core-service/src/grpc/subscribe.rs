//! The stream of `EventService.Subscribe`: many logs and their owners' signals in one stream.
//!
//! Nothing is buffered here: frames are made as the reader takes them, so that a reader that stalls
//! stalls its own stream and nothing else. Signals that it would be late for are lost, as signals may.
//!
//! Invariant: every frame names its owner; frames of one owner are in the order of its log.

use std::{collections::HashSet, pin::Pin, sync::Arc};

use futures_util::{
    Stream, StreamExt as _,
    stream::{select, select_all},
};
use linkojob_proto::v1::{self as pb, subscribe_response::Frame as Wire};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{auth::Caller, convert, status};
use crate::{
    domain::{
        event::Position,
        owner::Owner,
        refusal::{FieldError, Refusal},
    },
    flows::{Core, cursor::After, follow::Frame, signals::Typing},
};

/// The most logs in one stream.
const MOST: usize = 1_000;

/// What a subscriber reads.
pub(super) type Frames =
    Pin<Box<dyn Stream<Item = Result<pb::SubscribeResponse, Status>> + Send + 'static>>;

/// Follows the logs that a caller asks for, until `stop`.
pub(super) fn frames(
    core: &Arc<Core>,
    caller: &Caller,
    subscriptions: Vec<pb::Subscription>,
    stop: &CancellationToken,
) -> Result<Frames, Refusal> {
    // Listening begins before any log is read, so no signal falls between.
    let signals = BroadcastStream::new(core.signals.listen());
    let wanted = read(core, caller, subscriptions)?;
    let owners: HashSet<Owner> = wanted.iter().map(|(owner, _)| owner.clone()).collect();
    let signals = signals.filter_map(move |signal| {
        // A reader that lags behind loses signals, and only those.
        let ours = signal.ok().filter(|signal| owners.contains(&signal.owner));
        std::future::ready(ours.map(|signal| Ok(Wire::Signal(typing(signal)))))
    });
    let logs = wanted.into_iter().map(|(owner, after)| log(core, owner, after, stop).boxed());
    let merged = select(select_all(logs), signals)
        .map(|frame| frame.map(|frame| pb::SubscribeResponse { frame: Some(frame) }));
    Ok(merged.take_until(stop.clone().cancelled_owned()).boxed())
}

/// One owner's log as frames.
fn log(
    core: &Arc<Core>,
    owner: Owner,
    after: Option<After>,
    stop: &CancellationToken,
) -> impl Stream<Item = Result<Wire, Status>> + Send + use<> {
    let frames = core.follow(owner.clone(), after, stop.clone());
    let core = Arc::clone(core);
    frames.map(move |frame| match frame {
        Ok(frame) => Ok(wire(&core, &owner, frame)),
        Err(error) => Err(status::of(error)),
    })
}

fn wire(core: &Core, owner: &Owner, frame: Frame) -> Wire {
    let position = |at: Position| pb::Position {
        owner: owner.to_string(),
        cursor: core.event_cursor(owner, at),
    };
    match frame {
        Frame::Ready(at) => Wire::Ready(position(at)),
        Frame::Heartbeat(at) => Wire::Heartbeat(position(at)),
        Frame::Reset(at) => Wire::Reset(position(at)),
        Frame::Event(entry) => {
            let cursor = core.event_cursor(owner, entry.position);
            Wire::Event(convert::event(*entry, cursor, core.clock.now()))
        }
    }
}

fn typing(typing: Typing) -> pb::Signal {
    let Typing { owner, conversation, email, typing, origin } = typing;
    pb::Signal {
        owner: owner.to_string(),
        conversation_id: conversation.to_string(),
        email,
        typing,
        origin,
    }
}

/// The owners and the places to go on from; each owner once.
fn read(
    core: &Core,
    caller: &Caller,
    subscriptions: Vec<pb::Subscription>,
) -> Result<Vec<(Owner, Option<After>)>, Refusal> {
    if !(1..=MOST).contains(&subscriptions.len()) {
        return Err(Refusal::field("subscriptions", "must be 1 to 1000"));
    }
    let mut wanted = Vec::with_capacity(subscriptions.len());
    let mut seen = HashSet::new();
    for (number, pb::Subscription { owner, after }) in subscriptions.into_iter().enumerate() {
        let owner = caller.actor(&owner).map_err(|refusal| within(number, refusal))?.owner;
        if !seen.insert(owner.clone()) {
            return Err(Refusal::field(format!("subscriptions[{number}].owner"), "stands twice"));
        }
        let after = (!after.is_empty()).then(|| core.read_event_cursor(&owner, &after));
        wanted.push((owner, after.transpose()?));
    }
    Ok(wanted)
}

/// Says which subscription has the wrong field.
fn within(number: usize, refusal: Refusal) -> Refusal {
    let Refusal::Validation(fields) = refusal else { return refusal };
    let path = |FieldError { field, message }| {
        FieldError::new(format!("subscriptions[{number}].{field}"), message)
    };
    Refusal::Validation(fields.into_iter().map(path).collect())
}
