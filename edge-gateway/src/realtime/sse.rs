//! The Server-Sent Events face of `GET /api/events`.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use tokio::sync::mpsc;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};

use super::{
    close::Close,
    frame::Frame,
    session::{Face, Gone, Incoming, Session},
    ticket::Ticket,
};
use crate::{
    gateway::Gateway,
    identity::{Caller, single},
    problem::Problem,
};

const MAX_CURSOR: usize = 2048;

/// Opens a stream after `Last-Event-ID`, else after `after`, else from now on.
pub(crate) async fn open(
    gateway: &Gateway,
    caller: &Caller,
    headers: &HeaderMap,
    after: String,
) -> Result<Response, Problem> {
    let after = match single(headers, "last-event-id")?.map(|value| value.to_str()) {
        None => after,
        Some(Ok(cursor)) if cursor.len() <= MAX_CURSOR => cursor.to_owned(),
        // Kept as something that the core refuses as it refuses every forged cursor.
        Some(_) => "!".to_owned(),
    };
    let realtime = &gateway.realtime;
    let ticket = Ticket::take(realtime, caller, after).await?;
    // One frame on its way: everything else waits in the hub's ring.
    let (sender, frames) = mpsc::channel(1);
    realtime.tasks.spawn(Session::new(realtime, ticket, EventStream(sender)).run());
    let body = Body::from_stream(ReceiverStream::new(frames).map(Ok::<Bytes, Infallible>));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// The sending half of a response body.
struct EventStream(mpsc::Sender<Bytes>);

impl Face for EventStream {
    async fn send(&mut self, frame: &Frame) -> Result<(), Gone> {
        self.0.send(frame.sse()).await.map_err(|_| Gone)
    }

    /// A stream says nothing; it can only leave.
    async fn next(&mut self) -> Incoming {
        self.0.closed().await;
        Incoming::Gone
    }

    /// The end of the body is all that can be said; a browser comes back with its last cursor.
    async fn close(self, _: Close) {}
}
