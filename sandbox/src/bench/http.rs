//! HTTP around the load (setting, looking, counting): every answer is expected, or an error with a name.

use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use serde_json::Value;

use super::error::BenchError;

/// Longest wait for one answer; the edge itself answers a send within 10 s.
const PATIENCE: Duration = Duration::from_secs(30);

/// The client of everything that is not measured.
#[derive(Clone, Debug)]
pub(super) struct Http(reqwest::Client);

/// Why a request of the load did not count, in a word or two; what errors are grouped by.
pub(super) type Fault = String;

impl Http {
    /// A client that keeps `connections` of them open.
    pub(super) fn new(connections: u32) -> Result<Self, BenchError> {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .pool_max_idle_per_host(connections)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .build();
        client.map(Self).map_err(|source| BenchError::Http { what: "the HTTP client", source })
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.0.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.0.post(url)
    }

    pub(super) fn put(&self, url: Url) -> RequestBuilder {
        self.0.put(url)
    }

    /// One request whose answer must be JSON with one of these statuses.
    pub(super) async fn json(
        &self,
        what: &'static str,
        request: RequestBuilder,
        expected: &[u16],
    ) -> Result<Value, BenchError> {
        let failed = |source| BenchError::Http { what, source };
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(failed)?;
        if !expected.contains(&status) {
            return Err(BenchError::Refused { what, answer: name_of(status, &body) });
        }
        let unreadable = |_| BenchError::Refused { what, answer: String::from("not JSON") };
        serde_json::from_slice(&body).map_err(unreadable)
    }
}

/// The status and, where the answer is a problem, its name.
pub(super) fn name_of(status: u16, body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    match problem["error"]["name"].as_str() {
        Some(name) => format!("{status} {name}"),
        None => status.to_string(),
    }
}

/// A string that an answer must have.
pub(super) fn string(
    answer: &Value,
    field: &str,
    what: &'static str,
) -> Result<String, BenchError> {
    let found = answer[field].as_str().map(str::to_owned);
    found.ok_or_else(|| missing(field, what))
}

/// A count that an answer must have.
pub(super) fn number(answer: &Value, field: &str, what: &'static str) -> Result<u64, BenchError> {
    answer[field].as_u64().ok_or_else(|| missing(field, what))
}

/// A list that an answer must have.
pub(super) fn list<'a>(
    answer: &'a Value,
    field: &str,
    what: &'static str,
) -> Result<&'a Vec<Value>, BenchError> {
    answer[field].as_array().ok_or_else(|| missing(field, what))
}

fn missing(field: &str, what: &'static str) -> BenchError {
    BenchError::Refused { what, answer: format!("no {field} in the answer") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_named_as_the_problem_names_itself() {
        let problem = br#"{"status":503,"error":{"name":"SERVICE_UNAVAILABLE"}}"#;
        assert_eq!(name_of(503, problem), "503 SERVICE_UNAVAILABLE");
        assert_eq!(name_of(502, b"<html>"), "502");
    }
}
