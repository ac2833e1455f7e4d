//! `GET /api/messages/:id/media`: the file of a message, as it is read from the core.
//!
//! What a stranger sent is never shown, only handed over: it comes as an attachment, as a type that its bytes
//! have proved, and whatever opens it all the same may run nothing.

mod body;
mod filename;
mod places;
mod range;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
        },
    },
    response::{IntoResponse as _, Response},
};
use linkojob_proto::v1::{DownloadMediaRequest, MediaInfo};
use utoipa::ToSchema;

pub(crate) use self::places::Places;
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Name, Problem, ProblemBody},
};

/// What to serve bytes as of which nothing is known.
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(());

/// Downloads the file of a message.
///
/// Single ranges are served, and `If-Range` and `If-None-Match` are honoured; the entity tag is the file's
/// SHA-256. 503 with `Retry-After` while the file is still being fetched from Meta; 404 when the message has
/// none, or it is lost. `HEAD` answers without the bytes.
#[utoipa::path(
    get,
    path = "/api/messages/{id}/media",
    tag = "messages",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "the file", body = FileBytes, content_type = "application/octet-stream"),
        (status = 206, description = "a part of the file", body = FileBytes, content_type = "application/octet-stream"),
        (status = 304, description = "the caller has it"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn download(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(message_id): Path<String>,
    method: Method,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let place = gateway.download_places.take(&caller.actor.email);
    let place = place.ok_or_else(|| Problem::unavailable("too many files are on their way"))?;
    let asked = range::Asked::read(&headers);
    let request = DownloadMediaRequest {
        owner: caller.owner(),
        message_id: message_id.clone(),
        range: asked.range,
        range_of: asked.range_of.clone(),
        info_only: method == Method::HEAD,
    };
    let (info, bytes) = gateway.core.download_media(&caller.call(), request).await?;
    let headers = describe(&message_id, &info)?;
    if asked.has(&info.sha256) {
        let kept = [ETAG, CACHE_CONTROL].map(|name| (name.clone(), headers[name].clone()));
        return Ok((StatusCode::NOT_MODIFIED, HeaderMap::from_iter(kept)).into_response());
    }
    if info.unsatisfiable {
        let nothing = value(&format!("bytes */{}", info.size))?;
        let name = Name::RangeNotSatisfiable;
        let problem = Problem::new(name, name.sentence());
        return Ok(([(CONTENT_RANGE, nothing)], problem).into_response());
    }
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => body::of(bytes, place),
    };
    let status = match headers.contains_key(CONTENT_RANGE) {
        true => StatusCode::PARTIAL_CONTENT,
        false => StatusCode::OK,
    };
    Ok((status, headers, body).into_response())
}

/// Everything that is said of a file besides its bytes.
fn describe(message_id: &str, info: &MediaInfo) -> Result<HeaderMap, Problem> {
    let MediaInfo {
        mime_type: _, // the word of whoever sent it
        content_type,
        filename,
        size,
        sha256,
        start,
        end,
        unsatisfiable: _,
    } = info;
    let kind = HeaderValue::from_str(content_type).unwrap_or(OCTETS);
    let name = filename::disposition(filename.as_deref(), message_id, content_type);
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, kind),
        (CONTENT_DISPOSITION, value(&name)?),
        (CONTENT_LENGTH, HeaderValue::from(end - start)),
        (ETAG, value(&format!("\"{sha256}\""))?),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // Who may see it can change, what it is cannot.
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-site"),
        ),
    ]);
    if *end - *start < *size {
        let last = end - 1;
        headers.insert(CONTENT_RANGE, value(&format!("bytes {start}-{last}/{size}"))?);
    }
    Ok(headers)
}

/// A header out of what we have put together.
fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|_| Problem::unexpected("a header cannot be written"))
}
