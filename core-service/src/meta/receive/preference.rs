//! A candidate's choice about marketing messages.

use serde_json::{Value, value::RawValue};

use super::{
    super::peek,
    Broken, message,
    person::{self, Contacts},
};
use crate::domain::fact::{Preference, What};

/// Reads a choice; `None` when it is about something that this version does not know.
pub(super) fn read(raw: &RawValue, contacts: &Contacts) -> Result<Option<What>, Broken> {
    let Ok(preference @ Value::Object(_)) = serde_json::from_str::<Value>(raw.get()) else {
        return Err("a preference is no object that can be read");
    };
    let about = peek::text(&preference, "category");
    if about.is_some_and(|category| category != "marketing_messages") {
        return Ok(None);
    }
    let stopped = match peek::text(&preference, "value").as_deref() {
        Some("stop") => true,
        Some("resume" | "signup") => false,
        Some(_) => return Ok(None),
        None => return Err("a preference does not say what is wanted"),
    };
    let person = person::of_preference(&preference, contacts);
    let person = person.ok_or("a preference does not say whose it is")?;
    let at = message::time(&preference).ok_or("a preference has no time")?;
    Ok(Some(What::Preference(Preference { person, at, stopped })))
}
