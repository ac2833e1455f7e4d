//! The bytes of a file, on the address that a lookup gave.
//!
//! Invariant: without a good token 401, and 404 for an address that is over, altered or of somebody
//! else's file: nobody learns which.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::super::auth::{self, Caller};
use super::super::faults::{self, Line};
use super::visible;
use crate::meta::World;
use crate::meta::error::GraphError;
use crate::meta::media::{Link, Medium};
use crate::meta::script::{Call, FileTwist, Occasion, On};

/// Pieces of a slow download.
const PIECES: usize = 10;
/// Bytes of one piece of an endless one.
const CHUNK: usize = 64 << 10;

pub(in crate::meta::graph) async fn download(
    State(world): State<World>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    line: Line,
) -> Response {
    let query = auth::query(&uri);
    let caller = match auth::token(&headers, &query) {
        Some(token) => auth::judge(&world, &token),
        None => Err(GraphError::of(104)),
    };
    let Ok(caller) = caller else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let link = Link { mid: text("mid"), ext: text("ext").parse().unwrap_or_default() };
    let Some(medium) = addressed(&world, &caller, &link, &text("hash")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let effects = world.script().strike(Occasion {
        on: On::Media,
        to: medium.sender().map(|number| number.as_str()),
        phone_number_id: Some(&medium.phone_number_id),
        call: Some(Call { method: "GET", path: uri.path().trim_end_matches('/') }),
    });
    if let Some(response) = faults::instead(&effects, &line) {
        return response;
    }
    let response = answer(&medium, effects.file.as_ref());
    faults::afterwards(&effects, &line, response).await
}

fn addressed(world: &World, caller: &Caller, link: &Link, hash: &str) -> Option<Arc<Medium>> {
    let clock = world.clock();
    if !link.is_good(world.app_secret(), hash, clock.now_secs()) {
        return None;
    }
    visible(&world.state(), caller, &link.mid, clock.now_ms())
}

fn answer(medium: &Medium, twist: Option<&FileTwist>) -> Response {
    let bytes = medium.bytes.clone();
    let whole = bytes.len();
    match twist {
        None => file(medium, Some(whole), Body::from(bytes)),
        Some(FileTwist::WrongDigest) => file(medium, Some(whole), Body::from(altered(&bytes))),
        Some(FileTwist::LyingType) => {
            let page = "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>";
            file(medium, Some(page.len()), Body::from(page))
        }
        Some(FileTwist::Expired) => StatusCode::NOT_FOUND.into_response(),
        Some(FileTwist::Truncated) => file(medium, Some(whole), torn(bytes.slice(..whole / 2))),
        Some(FileTwist::SlowMs(ms)) => file(medium, Some(whole), slowly(bytes, *ms)),
        Some(FileTwist::Oversize(length)) => file(medium, None, endless(*length)),
        Some(FileTwist::Redirect(url)) => {
            let mut response = StatusCode::FOUND.into_response();
            set(&mut response, LOCATION, url);
            response
        }
    }
}

/// Every file is offered under the type that it is said to have.
fn file(medium: &Medium, length: Option<usize>, body: Body) -> Response {
    let mut response = body.into_response();
    set(&mut response, CONTENT_TYPE, &medium.mime_type);
    if let Some(length) = length {
        set(&mut response, CONTENT_LENGTH, &length.to_string());
    }
    if let Some(name) = &medium.filename {
        set(&mut response, CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    // What a person called a file may not be a header at all.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The same length, other bytes.
fn altered(bytes: &Bytes) -> Vec<u8> {
    bytes.iter().map(|byte| !byte).collect()
}

/// These bytes, and then the connection breaks.
fn torn(half: Bytes) -> Body {
    let broken = async {
        // The server writes what it has only when there is nothing more at once.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(broken)))
}

fn slowly(bytes: Bytes, ms: u64) -> Body {
    let pause = Duration::from_millis(ms.min(600_000)) / u32::try_from(PIECES).unwrap_or(1);
    let piece = bytes.len().div_ceil(PIECES).max(1);
    Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, io::Error>(next), rest))
    }))
}

/// Without a length in front, so that only counting finds out.
fn endless(length: u64) -> Body {
    Body::from_stream(stream::unfold(length, |left| async move {
        let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        (size > 0).then(|| {
            let chunk = Bytes::from_static(&[b'.'; CHUNK]).slice(..size);
            (Ok::<_, io::Error>(chunk), left - size as u64)
        })
    }))
}
