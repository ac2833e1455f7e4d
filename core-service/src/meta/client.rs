//! HTTP to the Graph API: one client, one pool, one way to call.
//!
//! Invariant: every call ends within its timeout, reads a bounded answer, is sent once, follows no
//! redirect, and leaves no token or URL in an error.

use std::{error::Error as _, time::Duration};

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{
    Client, Method, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    error::{self, MetaError},
    token::Token,
};
use crate::{hex, secret::Secret};

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an idle connection is kept. Short: a request that meets a connection which the other side
/// is just closing has an unknown outcome.
const IDLE: Duration = Duration::from_secs(15);
/// Idle connections kept.
const IDLE_CONNECTIONS: usize = 64;
/// The largest answer that is read.
pub(super) const SMALL: usize = 1024 * 1024;
/// The largest page that is read.
pub(super) const LARGE: usize = 8 * 1024 * 1024;

/// The settings cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSettings(pub(super) &'static str);

/// What a call is.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// GET, POST or DELETE.
    pub(super) method: Method,
    /// After the version; each part becomes one segment, whatever characters it has.
    pub(super) path: &'a [&'a str],
    /// Parameters.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// JSON.
    pub(super) body: Option<&'a Value>,
    /// The largest answer that is read.
    pub(super) limit: usize,
}

impl<'a> Call<'a> {
    /// A GET.
    pub(super) const fn get(path: &'a [&'a str], query: &'a [(&'a str, &'a str)]) -> Self {
        Self { method: Method::GET, path, query, body: None, limit: SMALL }
    }

    /// A POST of JSON.
    pub(super) const fn post(path: &'a [&'a str], body: Option<&'a Value>) -> Self {
        Self { method: Method::POST, path, query: &[], body, limit: SMALL }
    }

    /// A DELETE.
    pub(super) const fn delete(path: &'a [&'a str]) -> Self {
        Self { method: Method::DELETE, path, query: &[], body: None, limit: SMALL }
    }
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Answer {
    /// Of HTTP.
    pub(super) status: u16,
    /// How long Meta asks us to wait, when it does.
    pub(super) retry_after: Option<Duration>,
    /// As sent.
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// No connection came about: Meta surely did not get the request.
    NotConnected(String),
    /// The request was, or may have been, on its way.
    NoAnswer(String),
}

/// The Graph API.
#[derive(Debug)]
pub(super) struct Graph {
    http: Client,
    root: Url,
    proof_key: Option<Secret>,
}

impl Graph {
    /// Builds the client.
    pub(super) fn new(
        url: &str,
        version: &str,
        proof_key: Option<Secret>,
        timeout: Duration,
    ) -> Result<Self, InvalidSettings> {
        let mut root = Url::parse(url).map_err(|_| InvalidSettings("the Graph URL is no URL"))?;
        if !matches!(root.scheme(), "http" | "https") {
            return Err(InvalidSettings("the Graph URL must be http or https"));
        }
        let named = version.strip_prefix('v').is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
        if !named {
            return Err(InvalidSettings("the Graph version must look like v25.0"));
        }
        add(&mut root, &[version]);
        // HTTP/1.1 on purpose: a lost connection then costs one request its outcome, not all that
        // share it. No retries by the library: what is sent again is decided by callers alone.
        let http = Client::builder()
            .user_agent(concat!("linkojob-whatsapp/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build()
            .map_err(|_| InvalidSettings("the HTTP client cannot be built: no TLS roots?"))?;
        Ok(Self { http, root, proof_key })
    }

    /// Calls and reads the answer, whatever it says.
    pub(super) async fn call(&self, token: &Token, call: Call<'_>) -> Result<Answer, Lost> {
        let bearer = bearer(token)?;
        let url = self.url(Some(token), call.path, call.query);
        self.send(url, Some(bearer), call).await
    }

    /// As [`Graph::call`], with no token: for a call whose parameters say who we are.
    pub(super) async fn call_openly(&self, call: Call<'_>) -> Result<Answer, Lost> {
        let url = self.url(None, call.path, call.query);
        self.send(url, None, call).await
    }

    async fn send(
        &self,
        url: Url,
        bearer: Option<HeaderValue>,
        call: Call<'_>,
    ) -> Result<Answer, Lost> {
        let Call { method, path: _, query: _, body, limit } = call;
        let mut request = self.http.request(method, url);
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, bearer);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let retry_after = wait(status, response.headers());
        let body = read(response, limit).await?;
        Ok(Answer { status: status.as_u16(), retry_after, body })
    }

    /// Calls and takes only a good answer.
    pub(super) async fn ask(&self, token: &Token, call: Call<'_>) -> Result<Value, MetaError> {
        error::good(&self.call(token, call).await?)
    }

    /// Calls and wants to hear that it was done.
    pub(super) async fn order(&self, token: &Token, call: Call<'_>) -> Result<(), MetaError> {
        let body = self.ask(token, call).await?;
        match super::peek::flag(&body, "success") {
            Some(true) => Ok(()),
            Some(false) | None => {
                Err(MetaError::Unavailable("an answer that does not say it was done".to_owned()))
            }
        }
    }

    fn url(&self, token: Option<&Token>, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.root.clone();
        add(&mut url, path);
        for (name, value) in query {
            url.query_pairs_mut().append_pair(name, value);
        }
        if let (Some(key), Some(token)) = (&self.proof_key, token) {
            url.query_pairs_mut().append_pair("appsecret_proof", &proof(key, token));
        }
        url
    }
}

fn add(url: &mut Url, path: &[&str]) {
    // Only a URL that cannot be a base has no segments, and `Graph::new` lets none of them in.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
}

/// Proves that the holder of the token is our app: the token, signed with the app's secret.
fn proof(key: &Secret, token: &Token) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(token.expose().as_bytes());
    hex::encode(&mac.finalize().into_bytes())
}

pub(super) fn bearer(token: &Token) -> Result<HeaderValue, Lost> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Lost::NotConnected("the token does not fit into a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Sorts a failed request. Only where no connection came about is it sure that nothing was sent.
pub(super) fn lost(error: reqwest::Error) -> Lost {
    let sure = error.is_connect() || error.is_builder();
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    let words = super::peek::line(&words, 300);
    if sure { Lost::NotConnected(words) } else { Lost::NoAnswer(words) }
}

async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Lost> {
    let mut body = Vec::new();
    // A failure here is never "not connected": the answer had begun.
    while let Some(chunk) = response.chunk().await.map_err(|error| match lost(error) {
        Lost::NotConnected(why) | Lost::NoAnswer(why) => Lost::NoAnswer(why),
    })? {
        if body.len() + chunk.len() > limit {
            return Err(Lost::NoAnswer(format!("an answer of more than {limit} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How long to wait before asking again: `Retry-After` in seconds, else the minutes until access is
/// regained that Meta's usage header tells. Only refusals are listened to.
fn wait(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if status.is_success() {
        return None;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(seconds) = text(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok()) {
        return Some(Duration::from_secs(seconds));
    }
    let usage: Value = serde_json::from_str(text("x-business-use-case-usage")?).ok()?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = uses
        .filter_map(|usage| super::peek::integer(usage, "estimated_time_to_regain_access"))
        .max()?;
    let minutes = u64::try_from(minutes).ok().filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
