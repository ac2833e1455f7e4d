//! `GET /{media_id}`: what a file is, and an address for it that lasts five minutes.

use axum::extract::OriginalUri;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::answer::Answer;
use super::super::auth::Caller;
use super::super::faults::{self, Line};
use super::{PLACE, visible};
use crate::meta::World;
use crate::meta::media::{LIFETIME_SECS, Link, Medium};
use crate::meta::oauth::MESSAGING;
use crate::meta::script::{Call, FileTwist, Occasion, On};
use crate::meta::wire;

/// One question for a file.
pub(in crate::meta::graph) struct Question<'a> {
    pub(in crate::meta::graph) id: &'a str,
    /// The number that the asker says the file belongs to.
    pub(in crate::meta::graph) phone_number_id: Option<&'a str>,
    pub(in crate::meta::graph) uri: &'a Uri,
    pub(in crate::meta::graph) original: &'a OriginalUri,
    pub(in crate::meta::graph) headers: &'a HeaderMap,
}

/// Answers it; nothing when the caller may not know of such a file.
pub(in crate::meta::graph) async fn lookup(
    world: &World,
    caller: &Caller,
    line: &Line,
    question: Question<'_>,
) -> Option<Response> {
    let Question { id, phone_number_id, uri, original: OriginalUri(original), headers } = question;
    let clock = world.clock();
    let medium = visible(&world.state(), caller, id, clock.now_ms())?;
    if phone_number_id.is_some_and(|claimed| claimed != medium.phone_number_id) {
        return None;
    }
    if let Err(refused) = caller.needs(MESSAGING) {
        return Some(refused.into_response());
    }
    let effects = world.script().strike(Occasion {
        on: On::Lookup,
        to: medium.sender().map(|number| number.as_str()),
        phone_number_id: Some(&medium.phone_number_id),
        call: Some(Call { method: "GET", path: uri.path() }),
    });
    if let Some(response) = faults::instead(&effects, line) {
        return Some(response);
    }
    let answer = describe(
        world,
        &medium,
        &base(headers, original, uri),
        effects.file.as_ref(),
        clock.now_secs(),
    );
    Some(faults::afterwards(&effects, line, answer.into_response()).await)
}

fn describe(
    world: &World,
    medium: &Medium,
    base: &str,
    twist: Option<&FileTwist>,
    now_secs: i64,
) -> Answer {
    let lasts = if twist == Some(&FileTwist::Expired) { 0 } else { LIFETIME_SECS };
    let link = Link { mid: medium.id.clone(), ext: now_secs + lasts };
    let mut node = json!({
        "url": format!("{base}{PLACE}?{}", link.query(world.app_secret())),
        "mime_type": medium.mime_type, "sha256": medium.digest_hex(),
        "file_size": medium.bytes.len(), "id": medium.id, "messaging_product": "whatsapp",
    });
    match twist {
        Some(FileTwist::WrongDigest) => {
            let wrong = medium.digest.map(|byte| !byte);
            node["sha256"] = json!(wire::hex(&wrong));
        }
        Some(FileTwist::LyingType) => node["mime_type"] = json!("image/png"),
        Some(FileTwist::Redirect(url)) => node["url"] = json!(url),
        Some(FileTwist::Oversize(bytes)) => node["file_size"] = json!(bytes),
        // These are about the bytes, or told above.
        Some(FileTwist::Expired | FileTwist::Truncated | FileTwist::SlowMs(_)) | None => {}
    }
    Answer(node)
}

/// The address below which this API was asked, as its caller wrote it.
fn base(headers: &HeaderMap, original: &Uri, uri: &Uri) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let nest = original.path().strip_suffix(uri.path()).unwrap_or_default();
    format!("http://{host}{nest}")
}
