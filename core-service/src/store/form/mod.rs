//! The stored form of every row and event: once, for all backends.
//!
//! A stored value is the serde form of its domain type inside an envelope with a version,
//! `{"v":1,"row":{…}}`, as JSON bytes. Backends keep the bytes as they are and add key columns.
//!
//! Invariant: what any released version wrote, this version reads. A field may be added when it has a
//! serde default; anything else raises [`Form::VERSION`] and teaches [`decode`] the older form. The
//! documents in `older/` hold that, the snapshots show every change of a form in review.

#[cfg(test)]
mod sample_contents;
#[cfg(test)]
mod sample_parts;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::StoreError;
use crate::domain::{
    change::Orphan, client::Client, consent::Consent, conversation::Conversation,
    delivery::Outcome, event::Event, message::Message, template::Template,
};

/// Something that is stored.
pub trait Form: Serialize + DeserializeOwned {
    /// What it is called in errors.
    const KIND: &'static str;
    /// The version that is written; every version up to it is read.
    const VERSION: u32 = 1;
}

impl Form for Client {
    const KIND: &'static str = "client";
}
impl Form for Conversation {
    const KIND: &'static str = "conversation";
}
impl Form for Message {
    const KIND: &'static str = "message";
}
impl Form for Template {
    const KIND: &'static str = "template";
}
impl Form for Orphan {
    const KIND: &'static str = "orphan";
}
impl Form for Event {
    const KIND: &'static str = "event";
}
impl Form for Outcome {
    const KIND: &'static str = "outcome";
}
impl Form for Consent {
    const KIND: &'static str = "consent";
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    row: T,
}

/// Only the version, of whatever form.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Writes a value in its stored form.
///
/// # Errors
/// [`StoreError::Corrupt`] when it has no such form; no domain value is like that.
pub fn encode<T: Form>(row: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(&Envelope { v: T::VERSION, row })
        .map_err(|_| StoreError::Corrupt(format!("a {} has no stored form", T::KIND)))
}

/// Reads a stored form.
///
/// # Errors
/// [`StoreError::Corrupt`] when the bytes are no such value, or of a version newer than this one
/// knows. The reason names the place, never the content: rows are personal data.
pub fn decode<T: Form>(bytes: &[u8]) -> Result<T, StoreError> {
    match serde_json::from_slice::<Envelope<T>>(bytes) {
        Ok(Envelope { v, row }) if (1..=T::VERSION).contains(&v) => Ok(row),
        Ok(Envelope { v, row: _ }) => Err(foreign::<T>(v)),
        Err(error) => Err(match serde_json::from_slice::<Version>(bytes) {
            Ok(Version { v }) if !(1..=T::VERSION).contains(&v) => foreign::<T>(v),
            Ok(_) | Err(_) => StoreError::Corrupt(format!(
                "a stored {} cannot be read: {:?} error at column {}",
                T::KIND,
                error.classify(),
                error.column(),
            )),
        }),
    }
}

fn foreign<T: Form>(version: u32) -> StoreError {
    StoreError::Corrupt(format!(
        "a stored {} has form {version}, this version reads 1 to {}: was it written by a newer one?",
        T::KIND,
        T::VERSION,
    ))
}
