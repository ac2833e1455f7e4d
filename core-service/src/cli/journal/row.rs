//! A row of the journal in words, and as JSON.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::{
    domain::{
        delivery::{Outcome, Progress},
        journal::Entry,
        time::Timestamp,
    },
    flows::journal::{Fate, Piece},
    hex,
};

/// A time as people and programs read it.
pub(super) fn time(time: Timestamp) -> String {
    let far = || format!("{} ms", time.as_millis());
    DateTime::from_timestamp_millis(time.as_millis())
        .map_or_else(far, |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// How far a delivery came, in one word.
pub(super) const fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Waiting => "waiting",
        Progress::Applied => "applied",
        Progress::GivenUp => "given-up",
        Progress::InPart => "in-part",
        Progress::Again => "asked-again",
    }
}

/// Why a delivery failed, or how much of it, in a few words.
pub(super) fn why(entry: &Entry) -> String {
    match &entry.outcome {
        None => String::new(),
        Some(Outcome::Failed { attempts: _, reason } | Outcome::Poisoned { reason }) => {
            reason.clone()
        }
        Some(Outcome::Applied { set_aside }) => match &set_aside[..] {
            [] => String::new(),
            [one] => format!("element {}: {}", one.element, one.reason),
            [first, rest @ ..] => {
                format!("element {}: {}; and {} more", first.element, first.reason, rest.len())
            }
        },
    }
}

/// A row for programs. Its number is a text: it is greater than what JavaScript counts exactly.
pub(super) fn json(entry: &Entry) -> Value {
    let Entry {
        id,
        digest,
        received_at,
        lane,
        progress: far,
        attempts,
        outcome,
        size,
        replayed_at,
    } = entry;
    let set_aside = outcome.iter().flat_map(|outcome| outcome.set_aside());
    let set_aside = set_aside.map(|a| json!({ "element": a.element, "reason": a.reason }));
    json!({
        "id": id.0.to_string(),
        "digest": hex::encode(&digest.0),
        "receivedAt": time(*received_at),
        "lane": lane.number(),
        "state": progress(*far),
        "attempts": attempts,
        "size": size,
        "reason": outcome.as_ref().and_then(|outcome| outcome.reason()),
        "setAside": set_aside.collect::<Vec<_>>(),
        "replayedAt": replayed_at.map(time),
    })
}

/// What became of an element: in one word, and why.
pub(super) fn fate(fate: &Fate) -> (&'static str, &str) {
    match fate {
        Fate::Waits => ("waits", ""),
        Fate::Applied => ("applied", ""),
        Fate::Ignored => ("ignored (kept)", ""),
        Fate::SetAside(reason) => ("set aside", reason),
    }
}

/// An element for programs.
pub(super) fn piece(piece: &Piece) -> Value {
    let Piece { number, kind, about, fate: became } = piece;
    let (state, reason) = match became {
        Fate::Waits => ("waits", None),
        Fate::Applied => ("applied", None),
        Fate::Ignored => ("ignored", None),
        Fate::SetAside(reason) => ("set-aside", Some(reason)),
    };
    json!({ "number": number, "kind": kind, "about": about, "state": state, "reason": reason })
}
