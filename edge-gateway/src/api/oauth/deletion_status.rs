//! `GET /api/auth/whatsapp/data-deletion`: what became of a deletion, for the person who asked.
//!
//! A deletion is done before its code is given out, so there is nothing to look up, and nothing to
//! learn by trying codes.

use axum::http::{
    HeaderName, Uri,
    header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};

use super::pairs::Pairs;
use crate::problem::{Problem, ProblemBody};

const LONGEST: usize = 128;

type Page = ([(HeaderName, &'static str); 3], String);

/// Says that the deletion was carried out.
#[utoipa::path(
    get,
    path = "/api/auth/whatsapp/data-deletion",
    tag = "oauth",
    security(()),
    params(("code" = String, Query, description = "the confirmation code: 1 to 128 of `[A-Za-z0-9_-]`")),
    responses(
        (status = 200, description = "a page for a person", content_type = "text/plain", body = String),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(uri: Uri) -> Result<Page, Problem> {
    // Links that pass through Meta's pages come with parameters of Meta's.
    let code = Pairs::of_query(&uri).and_then(|mut pairs| pairs.take("code"));
    let code = code.ok().filter(|code| is_harmless(code));
    let code =
        code.ok_or_else(|| Problem::field("code", "must be 1 to 128 of [A-Za-z0-9_-], once"))?;
    let page = format!(
        "Your request to delete your data was carried out before you were given its confirmation \
         code.\n\nConfirmation code: {code}\n"
    );
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, page))
}

fn is_harmless(code: &str) -> bool {
    (1..=LONGEST).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
