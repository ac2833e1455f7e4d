//! From a webhook body to what happened, in our words.
//!
//! One delivery has up to a thousand elements of several businesses, out of versions of Meta's that we
//! have not seen. Each element is read alone.
//!
//! Invariant: reading never panics and never fails as a whole. An element that cannot be read becomes
//! [`Element::Malformed`] and its neighbours go on; a message of a kind that we do not know is kept raw
//! and shown as unsupported.

mod amendment;
mod beside;
mod change;
mod content;
mod media;
mod message;
mod news;
mod person;
mod preference;
mod status;
mod walk;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::value::RawValue;

use self::{
    person::Contacts,
    walk::{Found, Update},
};
use crate::domain::{
    fact::{Element, Fact, What},
    ids::PhoneNumberId,
};

/// The most elements that one delivery is read into; Meta sends up to a thousand.
const ELEMENTS: usize = 20_000;

/// What a delivery says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Its elements, in the order of the document.
    pub elements: Vec<Element>,
}

/// Why an element is set aside. Has nothing of the body in it.
type Broken = &'static str;

/// Reads a delivery. Its bytes were checked for Meta's signature before.
pub fn parse(body: &[u8]) -> Parsed {
    let mut elements = Vec::new();
    for found in walk::changes(body) {
        match found {
            Found::Update(update) => read(&update, &mut elements),
            Found::News(news) => {
                let read = whole(|| Ok(news::read(&news)));
                elements.push(read.unwrap_or_else(|why| Element::Malformed(why.to_owned())));
            }
            Found::Empty => elements.push(Element::Ignored),
            Found::Broken(why) => elements.push(Element::Malformed(why.to_owned())),
        }
        if elements.len() > ELEMENTS {
            elements.truncate(ELEMENTS);
            elements.push(Element::Malformed("more elements than Meta ever sends".to_owned()));
            break;
        }
    }
    Parsed { elements }
}

/// The first business number that a delivery is about.
pub fn route(body: &[u8]) -> Option<PhoneNumberId> {
    walk::changes(body).into_iter().find_map(|found| match found {
        Found::Update(update) => update.number,
        Found::News(_) | Found::Empty | Found::Broken(_) => None,
    })
}

/// Reads what one change says of one business number.
fn read(update: &Update<'_>, elements: &mut Vec<Element>) {
    let Update { number, contacts, messages, statuses, echoes, preferences } = update;
    let before = elements.len();
    let contacts = Contacts::read(*contacts);
    each(*messages, number.as_ref(), elements, |raw| message::read(raw, &contacts));
    each(*statuses, number.as_ref(), elements, |raw| status::read(raw, &contacts));
    each(*echoes, number.as_ref(), elements, |raw| message::read_echo(raw, &contacts));
    each(*preferences, number.as_ref(), elements, |raw| preference::read(raw, &contacts));
    if elements.len() == before {
        // Errors of the account, or something new beside messages and statuses.
        elements.push(Element::Ignored);
    }
}

fn each(
    list: Option<&RawValue>,
    number: Option<&PhoneNumberId>,
    elements: &mut Vec<Element>,
    read: impl Fn(&RawValue) -> Result<Option<What>, Broken>,
) {
    let Some(list) = list else { return };
    let Some(list) = walk::list(list) else {
        elements.push(Element::Malformed("messages or statuses are not in a list".to_owned()));
        return;
    };
    // One more than is kept tells that there are too many.
    for raw in list.into_iter().take(ELEMENTS + 1) {
        let element = match (number, whole(|| read(raw))) {
            (Some(number), Ok(Some(what))) => {
                Element::Fact(Fact { phone_number_id: number.clone(), what })
            }
            (Some(_) | None, Ok(None)) => Element::Ignored,
            (None, Ok(Some(_))) => Element::Malformed("no business number is named".to_owned()),
            (Some(_) | None, Err(why)) => Element::Malformed(why.to_owned()),
        };
        elements.push(element);
    }
}

/// Reads one element; one whose reading breaks is unreadable, and its neighbours are read all the same.
fn whole<T>(read: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    // What is read is only looked at, so nothing half done is left behind.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err("reading it broke"))
}
