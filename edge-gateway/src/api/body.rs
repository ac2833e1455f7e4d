//! The JSON body of a request: type, size, syntax, then its fields.

use axum::{
    extract::{FromRequest, FromRequestParts as _, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};
use serde_json::{Map, Value};

use super::{Fields, Params, json};
use crate::{
    limits,
    problem::{Name, Problem},
};

/// A request type that is read from an object.
pub(crate) trait FromFields: Sized {
    /// True when no body at all means an empty object.
    const MAY_BE_ABSENT: bool = false;

    /// # Errors
    /// With every wrong field.
    fn from_fields(fields: Fields) -> Result<Self, Problem>;
}

/// A body with what was read from it.
#[derive(Debug)]
pub(crate) struct Body<T> {
    /// What the operation takes.
    pub asked: T,
    /// The same as it came, to compare requests by.
    pub value: Value,
}

impl<T: FromFields, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        // No operation with a body knows a parameter.
        Params::from_request_parts(&mut parts, &()).await?.finish()?;
        let typed = is_json(&parts.headers);
        if !typed && (!T::MAY_BE_ABSENT || parts.headers.contains_key(CONTENT_TYPE)) {
            let detail = "The body must be application/json, not encoded.";
            return Err(Problem::new(Name::UnsupportedMediaType, detail));
        }
        let bytes = limits::read(&parts.headers, body, limits::API_BODY).await?;
        let value = if bytes.is_empty() && T::MAY_BE_ABSENT {
            Value::Object(Map::new())
        } else {
            json::parse(&bytes).map_err(|error| Problem::field("body", not_json(&error)))?
        };
        let asked = T::from_fields(Fields::new(value.clone())?)?;
        Ok(Self { asked, value })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return false };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") && !headers.contains_key(CONTENT_ENCODING)
}

/// Says where, never what: the text around a fault may be anybody's.
fn not_json(error: &serde_json::Error) -> String {
    format!("is no valid JSON (line {}, column {})", error.line(), error.column())
}
