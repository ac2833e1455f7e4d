//! The id that ties an answer, its logs and the core's logs together.

use axum::http::{HeaderMap, HeaderValue};

use crate::ids;

const MAX: usize = 128;

/// A request's id: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that the gateway gave, if it gave exactly one that is fit to be repeated; else a new one.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all("x-request-id").iter();
        match (given.next(), given.next()) {
            (Some(value), None) if is_fit(value) => Self(value.clone()),
            _ => Self::mint(),
        }
    }

    /// A new id.
    #[must_use]
    pub fn mint() -> Self {
        let value = HeaderValue::try_from(ids::mint());
        Self(value.unwrap_or(HeaderValue::from_static("unknown")))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_fit(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-request-id", HeaderValue::from_str(value).expect("value"));
        }
        RequestId::from_headers(&headers).as_str().to_owned()
    }

    #[test]
    fn a_fit_id_is_taken_and_any_other_replaced() {
        assert_eq!(from(&["abc-1"]), "abc-1");
        for unfit in [&[][..], &[""], &["a b"], &["a", "b"], &["x".repeat(129).as_str()]] {
            let minted = from(unfit);
            assert_eq!(minted.len(), 36, "{minted}");
        }
    }
}
