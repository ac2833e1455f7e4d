//! The page to try everything with: a recruiter's inbox beside the candidate's phone.
//!
//! Plain files compiled into the program, served under a policy that lets them talk to nobody but
//! the address they came from. The page uses only what a dashboard could use, the public API and
//! its WebSocket, plus the simulated Meta's own controls.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

const INDEX: &str = include_str!("index.html");

/// One file of the page.
struct Asset {
    name: &'static str,
    body: &'static str,
}

/// Lists the files by name and compiles their text in.
macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(Asset { name: $name, body: include_str!(concat!("assets/", $name)) }),*]
    };
}

const ASSETS: &[Asset] = assets![
    "api.js",
    "app.js",
    "base.css",
    "bubble.js",
    "chat.css",
    "chooser.js",
    "composer.js",
    "connect.js",
    "dom.js",
    "icon.svg",
    "inbox.js",
    "kinds.js",
    "layout.css",
    "meta.js",
    "people.js",
    "phone.js",
    "presets.js",
    "send.js",
    "socket.js",
    "start.js",
    "store.js",
    "template.js",
    "thread.js",
    "time.js",
    "words.js",
];

/// Serves the page at `/` and its files under `/assets`.
pub fn router() -> Router {
    Router::new()
        .route("/", get(|| async { serve("text/html; charset=utf-8", INDEX) }))
        .route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(Asset { name, body }) => serve(content_type(name), body),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The files change with the program, not with their names: the browser must ask each time.
fn serve(kind: &'static str, body: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, body).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// File names that a text refers to between `before` and a closing quote.
    fn references<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
        text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    fn exists(name: &str) -> bool {
        ASSETS.iter().any(|asset| asset.name == name)
    }

    #[test]
    fn every_file_that_the_page_refers_to_is_served() {
        let linked = references(INDEX, "\"/assets/");
        assert!(linked.contains(&"app.js"), "{linked:?}");
        assert!(linked.iter().all(|name| exists(name)), "{linked:?}");
        for Asset { name, body } in ASSETS {
            for import in references(body, "from \"./") {
                assert!(exists(import), "{name} imports {import}");
            }
        }
    }

    #[test]
    fn every_file_has_a_known_type() {
        for Asset { name, .. } in ASSETS {
            assert_ne!(content_type(name), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn no_file_writes_markup_from_data() {
        for Asset { name, body } in ASSETS {
            for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                assert!(!body.contains(way), "{name} uses {way}");
            }
        }
    }
}
