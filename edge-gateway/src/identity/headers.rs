//! Reading headers that may stand at most once.

use axum::http::{HeaderMap, HeaderValue};

use crate::problem::Problem;

/// The header's value; refuses a header that stands twice.
pub(crate) fn single<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Problem::field(name, "must not be sent twice")),
    }
}
