//! How a scripted fault looks on the wire.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::answer;
use crate::meta::error::GraphError;
use crate::meta::listener::{KillSwitch, Peer};
use crate::meta::script::{Effects, Fail};

/// The connection of a request, if it can be cut.
#[derive(Clone, Debug)]
pub struct Line(Option<KillSwitch>);

impl<S: Sync> FromRequestParts<S> for Line {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        Ok(Self(peer.map(|ConnectInfo(peer)| peer.kill.clone())))
    }
}

impl Line {
    /// Cuts the connection; the answer is never sent.
    #[must_use]
    pub fn cut(&self) -> Response {
        match &self.0 {
            Some(kill) => {
                kill.kill();
                StatusCode::NO_CONTENT.into_response()
            }
            // A test that asks for a reset must not pass because it got an answer.
            None => {
                let why = "this listener cannot cut connections: serve with meta::listener";
                (StatusCode::NOT_IMPLEMENTED, why).into_response()
            }
        }
    }
}

/// What is answered instead of doing the work, if anything.
#[must_use]
pub fn instead(effects: &Effects, line: &Line) -> Option<Response> {
    if effects.drop_before {
        return Some(line.cut());
    }
    effects.fail.as_ref().filter(|fail| !fail.accept).map(failure)
}

/// What becomes of the answer after the work.
pub async fn afterwards(effects: &Effects, line: &Line, response: Response) -> Response {
    if effects.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(effects.delay_ms)).await;
    }
    if effects.drop_after {
        return line.cut();
    }
    if let Some(fail) = &effects.fail {
        return failure(fail);
    }
    if effects.malformed {
        let torn = String::from("{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"inp");
        return answer::text(StatusCode::OK, "application/json; charset=UTF-8", torn);
    }
    response
}

fn failure(fail: &Fail) -> Response {
    let Fail { code, subcode, http, html, accept: _ } = fail;
    if *html {
        let status = http.and_then(|http| StatusCode::from_u16(http).ok());
        return answer::html(status.unwrap_or(StatusCode::BAD_GATEWAY));
    }
    let error = GraphError::of(*code).with_http(*http).details("Scripted.");
    match subcode {
        Some(subcode) => error.with_subcode(*subcode).into_response(),
        None => error.into_response(),
    }
}
