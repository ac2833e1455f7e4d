//! Who wrote, put together from the message and the people named beside it.
//!
//! Invariant: an identifier is what its shape says, wherever it stands; people are matched to messages
//! by identifier, never by their place in the list.

use serde_json::{Value, value::RawValue};

use super::{super::peek, walk};
use crate::domain::{
    fact::Sender,
    identity::{Identity, PhoneNumber, UserId},
};

/// The longest name that is kept, in characters.
const NAME: usize = 256;

/// The people named in a change.
pub(super) struct Contacts(Vec<Sender>);

impl Contacts {
    /// Reads them; whoever cannot be read is left out, as they only add to the messages.
    pub(super) fn read(raw: Option<&RawValue>) -> Self {
        let people = raw.and_then(walk::list).unwrap_or_default();
        let people = people.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
        Self(people.map(|person: Value| contact(&person)).collect())
    }

    /// The one with one of these identifiers; the user id beats the number.
    fn find(&self, phone: Option<&PhoneNumber>, user_id: Option<&UserId>) -> Option<&Sender> {
        let same_user = |known: &&Sender| user_id.is_some() && known.user_id.as_ref() == user_id;
        let same_phone = |known: &&Sender| phone.is_some() && known.phone.as_ref() == phone;
        self.0.iter().find(same_user).or_else(|| self.0.iter().find(same_phone))
    }
}

/// The sender of a message; `None` without any identifier.
pub(super) fn of(message: &Value, contacts: &Contacts) -> Option<Sender> {
    let (mut phone, mut user_id) = identifiers(message, "from", "from_user_id");
    if phone.is_none() && user_id.is_none() {
        // When only the user id changed, the message names the old one inside; that is who we know.
        let change = message.get("system")?;
        (phone, user_id) = identifiers(change, "user_id", "previous_user_id");
    }
    if phone.is_none() && user_id.is_none() {
        return None;
    }
    let (mut name, mut username) = (None, None);
    if let Some(known) = contacts.find(phone.as_ref(), user_id.as_ref()) {
        phone = phone.or_else(|| known.phone.clone());
        user_id = user_id.or_else(|| known.user_id.clone());
        name.clone_from(&known.name);
        username.clone_from(&known.username);
    }
    Some(Sender { phone, user_id, name, username })
}

fn contact(person: &Value) -> Sender {
    let (phone, user_id) = identifiers(person, "wa_id", "user_id");
    let said = |key| {
        let text = peek::text(person.get("profile")?, key)?;
        let text = text.trim();
        (!text.is_empty()).then(|| peek::line(text, NAME))
    };
    let username = said("username").map(|name| name.trim_start_matches('@').to_owned());
    Sender {
        phone,
        user_id,
        name: said("name"),
        username: username.filter(|name| !name.is_empty()),
    }
}

/// Two identifiers by their shapes. Where both have the same shape, the one under `second` is meant.
fn identifiers(value: &Value, first: &str, second: &str) -> (Option<PhoneNumber>, Option<UserId>) {
    let (mut phone, mut user_id) = (None, None);
    for key in [first, second] {
        let Some(text) = peek::text(value, key) else { continue };
        match Identity::classify(text.strip_prefix('+').unwrap_or(&text)) {
            Some(Identity::Phone(found)) => phone = Some(found),
            Some(Identity::User(found)) => user_id = Some(found),
            None => {}
        }
    }
    (phone, user_id)
}
