//! Query parameters: each at most once, none that the operation does not know, all faults at once.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use super::fields::Check;
use crate::problem::{FieldError, Problem};

const DEFAULT_LIMIT: i32 = 25;
const MAX_CURSOR: usize = 2048;

/// The parameters of one request. Take what the operation knows, then [`Params::finish`].
#[derive(Debug)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Params {
    /// The parameter, once; an empty one counts as absent.
    pub(crate) fn text<T>(&mut self, name: &str, check: Check<T>) -> Option<T> {
        let mut value = None;
        let mut count = 0;
        self.pairs.retain_mut(|(key, given)| {
            let mine = key == name;
            if mine {
                count += 1;
                value = Some(std::mem::take(given));
            }
            !mine
        });
        if count > 1 {
            self.wrong(name, "must not be given twice");
            return None;
        }
        let value = value.filter(|value| !value.is_empty())?;
        match check(value.into()) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(name, message);
                None
            }
        }
    }

    /// `limit`: 1 to 100, 25 when absent.
    pub(crate) fn limit(&mut self) -> i32 {
        self.text("limit", |value| {
            let limit = value.as_str().and_then(|text| text.parse().ok());
            limit.filter(|limit| (1..=100).contains(limit)).ok_or("must be a number from 1 to 100")
        })
        .unwrap_or(DEFAULT_LIMIT)
    }

    /// A cursor under this name, empty when absent. Whether it is a true one, the core knows.
    pub(crate) fn cursor(&mut self, name: &str) -> String {
        // A cursor that cannot be one is handed on as something that the core refuses, as it refuses
        // every forged cursor.
        self.text(name, |value| match value.as_str() {
            Some(text) if text.len() <= MAX_CURSOR && text.bytes().all(is_graphic) => {
                Ok(text.to_owned())
            }
            _ => Ok("!".to_owned()),
        })
        .unwrap_or_default()
    }

    /// True for `true`; anything but `true` and `false` is refused.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.text(name, |value| match value.as_str() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err("must be true or false"),
        })
        .unwrap_or_default()
    }

    /// Refuses parameters that nobody took.
    ///
    /// # Errors
    /// With every wrong parameter.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            self.wrong(&name, "is not known here");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::fields(self.errors)) }
    }

    fn wrong(&mut self, field: &str, message: &str) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    }
}

fn is_graphic(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Query(mut pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::field("query", "cannot be read"))?;
        // The guard has dealt with it.
        pairs.retain(|(name, _)| name != "owner");
        Ok(Self { pairs, errors: Vec::new() })
    }
}
