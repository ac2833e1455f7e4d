//! Deliveries in the journal.

use linkojob_proto::v1;

use super::time;
use crate::{
    domain::{delivery::Progress, journal::Entry},
    flows::journal::{Fate, Piece},
};

/// A row of the journal.
pub(in crate::grpc) fn delivery(entry: Entry) -> v1::Delivery {
    let Entry { id, digest, received_at, lane, progress, attempts, outcome, size, replayed_at } =
        entry;
    let set_aside = outcome.as_ref().map_or(0, |outcome| outcome.set_aside().len());
    let reason = outcome.as_ref().and_then(|outcome| outcome.reason());
    v1::Delivery {
        id: id.0,
        digest: crate::hex::encode(&digest.0),
        received_at: Some(time(received_at)),
        state: state(progress).into(),
        lane: lane.number().into(),
        attempts: i32::try_from(attempts).unwrap_or(i32::MAX),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        reason: reason.unwrap_or_default().to_owned(),
        set_aside: i32::try_from(set_aside).unwrap_or(i32::MAX),
        replayed_at: replayed_at.map(time),
    }
}

const fn state(progress: Progress) -> v1::DeliveryState {
    match progress {
        Progress::Waiting => v1::DeliveryState::Waiting,
        Progress::Applied => v1::DeliveryState::Applied,
        Progress::InPart => v1::DeliveryState::AppliedInPart,
        Progress::GivenUp => v1::DeliveryState::GivenUp,
        Progress::Again => v1::DeliveryState::AskedForAgain,
    }
}

/// An element of a delivery.
pub(in crate::grpc) fn piece(piece: Piece) -> v1::DeliveryElement {
    let Piece { number, kind, about, fate } = piece;
    let (fate, reason) = match fate {
        Fate::Waits => (v1::ElementFate::Waits, String::new()),
        Fate::Applied => (v1::ElementFate::Applied, String::new()),
        Fate::Ignored => (v1::ElementFate::Ignored, String::new()),
        Fate::SetAside(reason) => (v1::ElementFate::SetAside, reason),
    };
    v1::DeliveryElement {
        number: i32::try_from(number).unwrap_or(i32::MAX),
        kind: kind.to_owned(),
        about: about.unwrap_or_default(),
        fate: fate.into(),
        reason,
    }
}
