//! The bytes of a file as a body.
//!
//! Invariant: a caller who stops reading gives its place up before long, and one who only sips does in the
//! end; a file that breaks off breaks the answer off, which is then shorter than it said.

use std::time::Duration;

use axum::body::{Body, Bytes};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::places::Place;
use crate::core::Download;

/// How long a caller may take for what is ready.
const STALL: Duration = Duration::from_secs(60);
/// How long for a whole file, as one who takes a little every minute would never end. 100 MiB at 120 KiB/s
/// fit, and who is slower asks for the rest as a range.
const WHOLE: Duration = Duration::from_secs(15 * 60);

/// Reads on as long as somebody takes it; the place is held until then.
pub(super) fn of(download: Download, place: Place) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        if timeout(WHOLE, pour(download, &sender)).await.is_err() {
            tracing::warn!("a file took too long, and was broken off");
        }
        drop(place);
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

async fn pour(mut download: Download, to: &mpsc::Sender<Result<Bytes, Status>>) {
    loop {
        let next = tokio::select! {
            next = download.chunk() => next,
            () = to.closed() => return,
        };
        let (chunk, last) = match next {
            Ok(Some(chunk)) => (Ok(chunk), false),
            Ok(None) => return,
            Err(status) => {
                tracing::warn!(cause = status.message(), "a file broke off");
                (Err(status), true)
            }
        };
        if to.send_timeout(chunk, STALL).await.is_err() || last {
            return;
        }
    }
}
