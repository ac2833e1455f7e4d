//! What a call answered, and the claims that stories make about it.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Reads a response to its end.
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        Self { status, headers, text }
    }

    /// A header's text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.text);
        parsed.unwrap_or_else(|_| panic!("{}: not JSON: {:?}", self.status, self.text))
    }

    /// Claims this status and gives the body.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Claims a problem of this status and name, whole in its form, and gives it.
    #[track_caller]
    pub fn refused(&self, status: u16, name: &str) -> Value {
        assert_eq!((self.status, self.name().as_str()), (status, name), "{}", self.text);
        let problem = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{name}");
        assert_eq!(problem["type"], "about:blank", "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for text in [&problem["title"], &problem["detail"], &problem["error"]["details"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert_eq!(problem["requestId"], self.header("x-request-id"), "{problem}");
        assert_eq!(problem.get("errors").is_some(), name == "VALIDATION_ERROR", "{problem}");
        problem
    }

    /// Claims a refusal of the request's form that names this field.
    #[track_caller]
    pub fn blames(&self, field: &str) {
        let problem = self.refused(400, "VALIDATION_ERROR");
        let errors = problem["errors"].as_array().expect("errors");
        let named = errors.iter().any(|error| {
            error["field"] == field && error["message"].as_str().is_some_and(|m| !m.is_empty())
        });
        assert!(named, "{field} is not among {errors:?}");
    }

    /// Claims a 503 that says when to come back.
    #[track_caller]
    pub fn is_unavailable(&self) {
        self.refused(503, "SERVICE_UNAVAILABLE");
        let wait: u64 = self.header("retry-after").parse().expect("Retry-After in seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }

    /// The name of the problem; empty when it is none.
    pub fn name(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap_or(json!(null));
        body["error"]["name"].as_str().unwrap_or_default().to_owned()
    }
}
