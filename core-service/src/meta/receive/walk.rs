//! Down to the changes of a delivery, leaving everything below them unread.
//!
//! Invariant: what is wrong in one entry or change stays there. Below the envelope everything is taken
//! as raw text first, so that no neighbour has to be understood.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::news::News;
use crate::domain::ids::PhoneNumberId;

/// What `object` says in every delivery of WhatsApp's.
const WHATSAPP: &str = "whatsapp_business_account";
/// The fields that speak of people at one business number.
const OF_PEOPLE: [&str; 3] = ["messages", "smb_message_echoes", "user_preferences"];
/// What some senders put before JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One change of a delivery, or what stands in its place.
pub(super) enum Found<'a> {
    /// Messages, statuses and whatever else people did.
    Update(Update<'a>),
    /// News of an account, in one of the other fields.
    News(News<'a>),
    /// An entry without changes.
    Empty,
    /// Something that cannot be read.
    Broken(&'static str),
}

/// What people did at one business number.
pub(super) struct Update<'a> {
    /// The number, when it is named.
    pub(super) number: Option<PhoneNumberId>,
    /// The people in it.
    pub(super) contacts: Option<&'a RawValue>,
    /// What came in.
    pub(super) messages: Option<&'a RawValue>,
    /// What became of what we sent.
    pub(super) statuses: Option<&'a RawValue>,
    /// What the business wrote on a phone of its own.
    pub(super) echoes: Option<&'a RawValue>,
    /// What candidates chose.
    pub(super) preferences: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    entry: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    field: Option<&'a RawValue>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    statuses: Option<&'a RawValue>,
    #[serde(borrow)]
    message_echoes: Option<&'a RawValue>,
    #[serde(borrow)]
    user_preferences: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    phone_number_id: Option<&'a RawValue>,
}

/// The changes of a delivery.
pub(super) fn changes(body: &[u8]) -> Vec<Found<'_>> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let Ok(Envelope { object, entry }) = serde_json::from_slice(body) else {
        return vec![Found::Broken("the body is no JSON object")];
    };
    if object.and_then(text).as_deref() != Some(WHATSAPP) {
        return vec![Found::Broken("the body is not about WhatsApp")];
    }
    match entry.and_then(list) {
        Some(entries) => entries.into_iter().flat_map(of_entry).collect(),
        None => vec![Found::Broken("the body has no list of entries")],
    }
}

fn of_entry(entry: &RawValue) -> Vec<Found<'_>> {
    let Ok(Entry { id, time, changes }) = serde_json::from_str(entry.get()) else {
        return vec![Found::Broken("an entry is no object")];
    };
    let (id, time) = (id.and_then(digits), time.and_then(digits));
    let time = time.and_then(|time| time.parse().ok());
    match changes.map(list) {
        Some(Some(changes)) => {
            changes.into_iter().map(|change| of_change(change, id.as_deref(), time)).collect()
        }
        Some(None) => vec![Found::Broken("the changes of an entry are not in a list")],
        None => vec![Found::Empty],
    }
}

fn of_change<'a>(change: &'a RawValue, id: Option<&str>, time: Option<i64>) -> Found<'a> {
    let Ok(Change { field, value }) = serde_json::from_str(change.get()) else {
        return Found::Broken("a change is no object");
    };
    match field.map(text) {
        Some(Some(field)) if OF_PEOPLE.contains(&field.as_str()) => {}
        Some(Some(field)) => {
            return Found::News(News { field, entry: id.map(str::to_owned), time, value });
        }
        Some(None) | None => return Found::Broken("a change names no field"),
    }
    let body = value.and_then(|value| serde_json::from_str(value.get()).ok());
    let Some(Body { metadata, contacts, messages, statuses, message_echoes, user_preferences }) =
        body
    else {
        return Found::Broken("the value of a change is no object");
    };
    Found::Update(Update {
        number: metadata.and_then(number),
        contacts,
        messages,
        statuses,
        echoes: message_echoes,
        preferences: user_preferences,
    })
}

fn number(metadata: &RawValue) -> Option<PhoneNumberId> {
    let Metadata { phone_number_id } = serde_json::from_str(metadata.get()).ok()?;
    PhoneNumberId::parse(&digits(phone_number_id?)?).ok()
}

/// A text; a number is taken for the text of its digits.
fn digits(raw: &RawValue) -> Option<String> {
    let is_number = || raw.get().bytes().all(|byte| byte.is_ascii_digit());
    text(raw).or_else(|| is_number().then(|| raw.get().to_owned()))
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The elements of a list, unread; `None` when it is not one.
pub(super) fn list(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}
