//! Reading lists of events.

use serde_json::Value;

/// The cursors of events, in order.
pub fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().expect("an event has an id")).collect()
}

/// The data of those events that have this type.
pub fn of_type<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).map(|event| &event["data"]).collect()
}
