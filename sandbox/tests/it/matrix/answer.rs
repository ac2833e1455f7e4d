//! What an operation answered, in a form in which two answers can be compared: ids and times are taken
//! out.

use std::time::Duration;

use serde_json::Value;

/// What is new with every answer, or moves on while it is under way.
const VOLATILE: [&str; 5] = ["requestId", "fbtraceId", "status", "statusHistory", "revision"];
/// A body that takes longer does not end.
const LONG: Duration = Duration::from_secs(20);

/// An answer without what differs between any two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names of its headers.
    headers: Vec<String>,
    /// Where a browser is sent on to.
    onwards: Option<String>,
    body: Value,
}

impl Answer {
    /// Reads a response; of a stream that is open, no more than that it is.
    pub async fn of(response: reqwest::Response, tried: &str) -> Self {
        let status = response.status().as_u16();
        let mut headers: Vec<_> = response.headers().keys().map(ToString::to_string).collect();
        headers.sort();
        let onwards = response.headers().get("location").and_then(|value| value.to_str().ok());
        let onwards = onwards.map(|address| plain(address, tried));
        let kind = response.headers().get("content-type").cloned();
        let endless = kind.is_some_and(|kind| kind == "text/event-stream") || status == 101;
        let text = match endless {
            true => String::new(),
            false => {
                let read = tokio::time::timeout(LONG, response.text());
                read.await.expect("a body in time").expect("a whole body")
            }
        };
        let mut body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        clear(&mut body, tried);
        Self { status, headers, onwards, body }
    }

    /// The name of the problem, when it is one. A browser is told it where it is sent on to.
    pub fn name(&self) -> Option<String> {
        let onwards = self.onwards.as_deref().and_then(|address| address.split_once("&reason="));
        let told = onwards.map(|(_, name)| name);
        self.body["error"]["name"].as_str().or(told).map(str::to_owned)
    }
}

/// The status of a problem is a number and stays, that of a message is a word.
fn is_volatile(name: &str, field: &Value) -> bool {
    VOLATILE.contains(&name) && !(name == "status" && field.is_number())
}

fn clear(value: &mut Value, tried: &str) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| !is_volatile(name, field));
            fields.values_mut().for_each(|field| clear(field, tried));
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| clear(row, tried)),
        Value::String(text) => *text = plain(text, tried),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text without what was tried, ids, and times.
fn plain(text: &str, tried: &str) -> String {
    let text = if tried.is_empty() { text.to_owned() } else { text.replace(tried, "<tried>") };
    let is_id = |word: &str| {
        let hexes = word.bytes().filter(u8::is_ascii_hexdigit).count();
        word.starts_with("wamid.") || (word.len() == 36 && hexes == 32)
    };
    let is_time = chrono::DateTime::parse_from_rfc3339(&text).is_ok();
    let word = |word: &str| if is_id(word) { "<id>".to_owned() } else { word.to_owned() };
    if is_time {
        "<time>".to_owned()
    } else {
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }
}
