//! What a request may cost, and reading a body within it.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{
        HeaderMap,
        header::{CONTENT_LENGTH, EXPECT},
    },
};
use futures_util::StreamExt as _;

use crate::problem::{Name, Problem};

/// Largest JSON body of the API.
pub const API_BODY: usize = 256 * 1024;
/// Largest form; Meta's have one signed field.
pub const FORM_BODY: usize = 64 * 1024;
/// Largest delivery of Meta; it sends up to 3 MB.
pub const WEBHOOK_BODY: usize = 4 * 1024 * 1024;
/// Deliveries that may be in memory at once.
pub const WEBHOOKS_AT_ONCE: usize = 128;
/// Files that may be on their way to somebody at once.
pub const DOWNLOADS_AT_ONCE: usize = 128;
/// Of them, to one caller.
pub const DOWNLOADS_OF_ONE: usize = 8;
/// Longest wait for a whole body.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How much of a body that is too large is still taken, and thrown away, and for how long.
const LEFTOVER: usize = 8 * 1024 * 1024;
const LEFTOVER_DEADLINE: Duration = Duration::from_secs(2);

/// Reads a body of at most `limit` bytes. What is over the limit is never kept.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: u64| length > limit as u64) {
        // One who asks first has sent nothing yet.
        if !headers.contains_key(EXPECT) {
            discard(body.into_data_stream()).await;
        }
        return Err(too_large(limit));
    }
    let capacity = declared.map_or(0, |length| length as usize);
    match tokio::time::timeout(BODY_DEADLINE, collect(body, limit, capacity)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(Name::Timeout, "The body did not arrive in time.")),
    }
}

async fn collect(body: Body, limit: usize, capacity: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::with_capacity(capacity);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::field("body", "did not arrive whole"))?;
        if whole.len() + chunk.len() > limit {
            drop(whole);
            discard(chunks).await;
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

/// Lets the sender finish, within bounds: one whose connection closes while it still sends finds it
/// broken and never reads the answer.
async fn discard(mut chunks: BodyDataStream) {
    let rest = async {
        let mut left = LEFTOVER;
        while let Some(Ok(chunk)) = chunks.next().await {
            let Some(less) = left.checked_sub(chunk.len()) else { break };
            left = less;
        }
    };
    let _in_time = tokio::time::timeout(LEFTOVER_DEADLINE, rest).await;
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Name::PayloadTooLarge, format!("The body must be at most {limit} bytes."))
}
