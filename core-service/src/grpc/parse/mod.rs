//! From requests to the domain: parsed at the door, so that nothing behind it checks again.
//!
//! Invariant: every wrong field of a request is reported, in one answer, by its path. A text that can
//! be no id of ours is not a wrong field: it answers like the id of something that does not exist.

mod client;
mod fingerprint;
mod ids;
mod journal;
mod media;
mod onboarding;
mod page;
mod send;
mod template;
mod text;

use std::fmt::Display;

use crate::domain::refusal::{FieldError, Refusal};

pub(super) use self::{
    client::{new_client, patch, pin},
    ids::{client_id, conversation_id, message_id, template_id},
    journal::{delivery_id, part_of_journal, range},
    media::part,
    onboarding::{exchange, returned, wanted, withdrawal},
    page::{limit, search},
    send::{send_template, send_text},
    template::{purpose, status},
    text::origin,
};

/// Collects what is wrong with a request.
#[derive(Debug, Default)]
struct Fields(Vec<FieldError>);

impl Fields {
    /// Keeps a good value, notes a wrong one.
    fn read<T, E: Display>(&mut self, field: impl Into<String>, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.0.push(FieldError::new(field, error.to_string()))).ok()
    }

    /// As [`Fields::read`], for a field that may be absent.
    fn read_if<T, U, E: Display>(
        &mut self,
        field: impl Into<String>,
        value: Option<U>,
        parse: impl FnOnce(U) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match value {
            None => Some(None),
            Some(value) => self.read(field, parse(value)).map(Some),
        }
    }

    /// Puts the whole together, or refuses it with everything that was noted.
    fn finish<T>(self, whole: impl FnOnce() -> Option<T>) -> Result<T, Refusal> {
        match whole() {
            Some(whole) if self.0.is_empty() => Ok(whole),
            Some(_) | None => Err(Refusal::Validation(self.0)),
        }
    }
}

/// An optional text of the wire, where empty means absent.
fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The names of the wrong fields, in order.
#[cfg(test)]
fn wrong_fields<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Vec<String> {
    match outcome {
        Err(Refusal::Validation(fields)) => fields.into_iter().map(|error| error.field).collect(),
        other => panic!("not a validation error: {other:?}"),
    }
}
