//! What goes to a connection. The JSON is made once; each face adds its own form once.

use std::sync::{Arc, OnceLock};

use axum::{body::Bytes, extract::ws::Utf8Bytes};
use linkojob_proto::v1 as pb;
use serde::Serialize;

use crate::api::events::model::Event;

/// Seconds between heartbeats.
pub(crate) const HEARTBEAT_SECONDS: u64 = 25;

/// A place in a log, opaque: compared for equality alone.
pub(crate) type Cursor = Arc<str>;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An entry of the log.
    Event,
    /// News that is in no log.
    Signal,
    /// The first frame.
    Ready,
    /// Nothing happened; here we are.
    Heartbeat,
    /// Reload, then go on from here.
    Reset,
    /// The answer to a ping.
    Pong,
}

/// One frame, shared by all connections that it goes to.
#[derive(Debug)]
pub(crate) struct Frame {
    kind: Kind,
    cursor: Option<Cursor>,
    origin: Option<String>,
    json: Utf8Bytes,
    sse: OnceLock<Bytes>,
}

impl Frame {
    /// An entry of the log. One that this version cannot show is left out, with a line in our log:
    /// stopping at it would hide all that comes after.
    pub(crate) fn shown(event: pb::Event) -> Option<Arc<Self>> {
        let cursor = Cursor::from(event.cursor.as_str());
        match Event::try_from(event) {
            Ok(event) => Some(Arc::new(Self::new(Kind::Event, Some(cursor), &event))),
            Err(malformed) => {
                tracing::error!(event.cursor = %cursor, "event {cursor} cannot be shown: {malformed}");
                None
            }
        }
    }

    /// Who types where.
    pub(crate) fn signal(signal: pb::Signal) -> Self {
        let pb::Signal {
            owner: _, // the reader follows one owner and knows whom
            conversation_id,
            email,
            typing,
            origin,
        } = signal;
        let kind = if typing { "typing:start" } else { "typing:stop" };
        let data = TypingData { conversation_id, email };
        let frame = Self::new(Kind::Signal, None, &SignalJson { kind, data });
        Self { origin: Some(origin), ..frame }
    }

    /// The first frame: where following starts.
    pub(crate) fn ready(cursor: Cursor) -> Self {
        let json =
            ReadyJson { kind: "ready", cursor: &cursor, heartbeat_seconds: HEARTBEAT_SECONDS };
        Self::new(Kind::Ready, Some(Arc::clone(&cursor)), &json)
    }

    /// Still here, at this place.
    pub(crate) fn heartbeat(cursor: Cursor) -> Self {
        let json = PositionJson { kind: "heartbeat", cursor: &cursor };
        Self::new(Kind::Heartbeat, Some(Arc::clone(&cursor)), &json)
    }

    /// What was asked for is no longer kept.
    pub(crate) fn reset(cursor: Cursor) -> Self {
        let json = PositionJson { kind: "reset", cursor: &cursor };
        Self::new(Kind::Reset, Some(Arc::clone(&cursor)), &json)
    }

    /// The answer to a ping.
    pub(crate) fn pong() -> Self {
        Self::new(Kind::Pong, None, &PongJson { kind: "pong" })
    }

    fn new(kind: Kind, cursor: Option<Cursor>, json: &impl Serialize) -> Self {
        // Our own types have string keys and no failing serializers.
        let json = serde_json::to_string(json).unwrap_or_default().into();
        Self { kind, cursor, origin: None, json, sse: OnceLock::new() }
    }

    /// The place that a reader of this frame has reached.
    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// True for a signal that this connection itself gave.
    pub(crate) fn is_from(&self, origin: &str) -> bool {
        self.origin.as_deref() == Some(origin)
    }

    /// As one text frame.
    pub(crate) fn json(&self) -> Utf8Bytes {
        self.json.clone()
    }

    /// As one block of an event stream. Control frames dispatch nothing in a browser (no data), yet
    /// their `id` is remembered for resuming; only a reset is an event of its own name.
    pub(crate) fn sse(&self) -> Bytes {
        let make = || {
            let id = self.cursor.as_deref().map(|cursor| format!("id: {cursor}\n"));
            let id = id.unwrap_or_default();
            let json = &self.json;
            let text = match self.kind {
                Kind::Event | Kind::Signal => format!("{id}data: {json}\n\n"),
                Kind::Reset => format!("{id}event: reset\ndata: {json}\n\n"),
                Kind::Ready => format!("retry: 2000\n{id}: ready\n\n"),
                Kind::Heartbeat => format!("{id}: heartbeat\n\n"),
                Kind::Pong => ": pong\n\n".to_owned(),
            };
            text.into()
        };
        self.sse.get_or_init(make).clone()
    }

    /// Bytes that it keeps in memory.
    pub(crate) fn size(&self) -> usize {
        self.json.len()
    }
}

#[derive(Serialize)]
struct SignalJson {
    #[serde(rename = "type")]
    kind: &'static str,
    data: TypingData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypingData {
    conversation_id: String,
    email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadyJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    cursor: &'a str,
    heartbeat_seconds: u64,
}

#[derive(Serialize)]
struct PositionJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    cursor: &'a str,
}

#[derive(Serialize)]
struct PongJson {
    #[serde(rename = "type")]
    kind: &'static str,
}
