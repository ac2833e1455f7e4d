//! Cursor pages of Graph edges.
//!
//! Invariant: the last page has no `paging.next`; `cursors` are there on every page that has data.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header::HOST;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::auth;
use crate::meta::error::GraphError;

const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 1000;

/// What a reader asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// All query parameters.
    pub(super) query: HashMap<String, String>,
    /// The address of the edge, for `next`.
    base: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = GraphError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GraphError> {
        let query = auth::query(&parts.uri);
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or("localhost").to_owned();
        let uri = OriginalUri::from_request_parts(parts, state).await;
        let path = uri.map(|OriginalUri(uri)| uri.path().to_owned()).unwrap_or_default();
        Ok(Self { query, base: format!("http://{host}{path}") })
    }
}

impl Asked {
    /// A parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Cuts one page out of everything.
    pub(super) fn page(&self, all: &[Value]) -> Result<Value, GraphError> {
        let limit = match self.get("limit") {
            None => DEFAULT_LIMIT,
            Some(limit) => match limit.parse::<usize>() {
                Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => limit,
                _ => {
                    return Err(GraphError::parameter("Param limit must be a positive integer"));
                }
            },
        };
        let start = match (self.get("after"), self.get("before")) {
            (Some(after), _) => position(after)? + 1,
            (None, Some(before)) => position(before)?.saturating_sub(limit),
            (None, None) => 0,
        };
        let end = (start + limit).min(all.len());
        if start >= end {
            return Ok(json!({"data": []}));
        }
        let after = cursor(end - 1);
        let mut paging = json!({"cursors": {"before": cursor(start), "after": after}});
        if end < all.len() {
            let token = self.get("access_token").unwrap_or("redacted");
            let base = &self.base;
            let next = format!("{base}?access_token={token}&limit={limit}&after={after}");
            paging["next"] = json!(next);
        }
        Ok(json!({"data": all[start..end], "paging": paging}))
    }
}

fn cursor(position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("at:{position}"))
}

fn position(cursor: &str) -> Result<usize, GraphError> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref()
        .and_then(|text| text.strip_prefix("at:"))
        .and_then(|position| position.parse::<u32>().ok())
        .and_then(|position| usize::try_from(position).ok())
        .ok_or_else(|| GraphError::parameter("Invalid cursors values"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)]) -> Asked {
        let owned = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Asked {
            query: owned.collect(),
            base: String::from("http://host/v25.0/1/message_templates"),
        }
    }

    #[test]
    fn a_walk_sees_everything_once_and_the_last_page_has_no_next() {
        let all: Vec<Value> = (0..7).map(Value::from).collect();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = asked(&[("limit", "3"), ("after", &after)]).page(&all).expect("a page");
            seen.extend(page["data"].as_array().expect("data").clone());
            after = page["paging"]["cursors"]["after"].as_str().expect("a cursor").to_owned();
            match page["paging"].get("next") {
                Some(next) => assert!(next.as_str().is_some_and(|next| next.contains(&after))),
                None => break,
            }
        }
        assert_eq!(seen, all);
        let end = asked(&[("after", &after)]).page(&all).expect("a page");
        assert_eq!(end, json!({"data": []}));
        assert!(asked(&[("after", "%%%")]).page(&all).is_err());
        assert!(asked(&[("limit", "0")]).page(&all).is_err());
    }
}
