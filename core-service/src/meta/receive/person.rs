//! Who a person is, put together from the message and the people named beside it.
//!
//! Invariant: an identifier is what its shape says, wherever it stands; people are matched to messages
//! by identifier, never by their place in the list.

use serde_json::{Value, value::RawValue};

use super::{super::peek, walk};
use crate::domain::{
    fact::Person,
    identity::{Identity, PhoneNumber, UserId},
};

/// The longest name that is kept, in characters.
const NAME: usize = 256;

/// The people named in a change.
pub(super) struct Contacts(Vec<Person>);

impl Contacts {
    /// Reads them; whoever cannot be read is left out, as they only add to the messages.
    pub(super) fn read(raw: Option<&RawValue>) -> Self {
        let people = raw.and_then(walk::list).unwrap_or_default();
        let people = people.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
        Self(people.map(|person: Value| contact(&person)).collect())
    }

    /// The one with one of these identifiers; the user id beats the number.
    fn find(&self, phone: Option<&PhoneNumber>, user_id: Option<&UserId>) -> Option<&Person> {
        let same_user = |known: &&Person| user_id.is_some() && known.user_id.as_ref() == user_id;
        let same_phone = |known: &&Person| phone.is_some() && known.phone.as_ref() == phone;
        self.0.iter().find(same_user).or_else(|| self.0.iter().find(same_phone))
    }
}

/// The sender of a message; `None` without any identifier.
pub(super) fn sender(message: &Value, contacts: &Contacts) -> Option<Person> {
    let mut found = identifiers(message, &["from", "from_user_id"]);
    if found == (None, None) {
        // When only the user id changed, the message names both inside.
        found = identifiers(message.get("system")?, &["user_id", "previous_user_id"]);
    }
    known(found, contacts)
}

/// To whom the business wrote; `None` without any identifier.
pub(super) fn recipient_of_echo(message: &Value, contacts: &Contacts) -> Option<Person> {
    known(identifiers(message, &["to", "to_user_id"]), contacts)
}

/// To whom a message of ours went; may have no identifier.
pub(super) fn recipient(report: &Value, contacts: &Contacts) -> Person {
    let found = identifiers(report, &["recipient_id", "recipient_user_id"]);
    known(found, contacts).unwrap_or_default()
}

/// Whoever made a choice; `None` without any identifier.
pub(super) fn of_preference(preference: &Value, contacts: &Contacts) -> Option<Person> {
    known(identifiers(preference, &["wa_id", "user_id"]), contacts)
}

/// Adds what is said of them beside the message.
fn known(found: (Option<PhoneNumber>, Option<UserId>), contacts: &Contacts) -> Option<Person> {
    let (phone, user_id) = found;
    if phone.is_none() && user_id.is_none() {
        return None;
    }
    let mut person = Person { phone, user_id, name: None, username: None };
    if let Some(known) = contacts.find(person.phone.as_ref(), person.user_id.as_ref()) {
        person.phone = person.phone.or_else(|| known.phone.clone());
        person.user_id = person.user_id.or_else(|| known.user_id.clone());
        person.name.clone_from(&known.name);
        person.username.clone_from(&known.username);
    }
    Some(person)
}

fn contact(person: &Value) -> Person {
    let (phone, user_id) = identifiers(person, &["wa_id", "user_id"]);
    let said = |key| {
        let text = peek::text(person.get("profile")?, key)?;
        let text = text.trim();
        (!text.is_empty()).then(|| peek::line(text, NAME))
    };
    let username = said("username").map(|name| name.trim_start_matches('@').to_owned());
    Person {
        phone,
        user_id,
        name: said("name"),
        username: username.filter(|name| !name.is_empty()),
    }
}

/// Identifiers by their shapes, whichever key they stand under; of two of one shape the later key's.
pub(super) fn identifiers(value: &Value, keys: &[&str]) -> (Option<PhoneNumber>, Option<UserId>) {
    let (mut phone, mut user_id) = (None, None);
    for key in keys {
        let Some(text) = peek::text(value, key) else { continue };
        match Identity::classify(text.strip_prefix('+').unwrap_or(&text)) {
            Some(Identity::Phone(found)) => phone = Some(found),
            Some(Identity::User(found)) => user_id = Some(found),
            None => {}
        }
    }
    (phone, user_id)
}
