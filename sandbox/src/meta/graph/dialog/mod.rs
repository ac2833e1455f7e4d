//! `/dialog/oauth`: a person is asked whether our app may have an account.
//!
//! Invariant: nobody is sent anywhere but to an address that our app has listed, byte by byte; a
//! request that does not name one ends on a page.

mod asked;
mod choice;
mod page;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::asked::{Asked, Blocked};
use self::choice::Choice;
use super::answer;
use crate::meta::World;
use crate::meta::oauth;

/// Parameters in their order; some come more than once.
type Pairs = Vec<(String, String)>;

/// Shows the page.
pub(super) async fn ask(
    State(world): State<World>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Blocked> {
    let asked = Asked::parse(&world, &pairs)?;
    Ok(answer::page(StatusCode::OK, page::ask(&world, &asked)))
}

/// The person has decided: back to our app, with a code or without.
pub(super) async fn decide(
    State(world): State<World>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Blocked> {
    let asked = Asked::parse(&world, &pairs)?;
    let target = match Choice::parse(&world, &asked, &pairs)? {
        Choice::Refused => asked.refused(),
        Choice::Allowed(consent) => {
            let code = oauth::give(&world, consent, Some(asked.redirect_uri.clone()));
            asked.allowed(&code)
        }
    };
    let target = HeaderValue::try_from(target.as_str()).map_err(|_| Blocked::redirect())?;
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(header::LOCATION, target);
    Ok(response)
}

impl IntoResponse for Blocked {
    fn into_response(self) -> Response {
        let Self { code, message } = self;
        answer::page(StatusCode::BAD_REQUEST, page::blocked(code, &message))
    }
}
