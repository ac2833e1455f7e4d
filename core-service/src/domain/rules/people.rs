//! Who a person is: under which identifiers they are found, and when two turn out to be one, or one two.
//!
//! Invariant: a business-scoped id stands for one person for ever, and beats a number. A number stands for
//! whoever used it last by Meta's clock; what is said late of an earlier time takes it from nobody.
//! Everything here ends the same in whatever order Meta's words arrive.

use super::merge::merge;
use crate::domain::{
    conversation::{Candidate, Conversation},
    event::News,
    fact::Person,
    identity::{Identity, PhoneNumber, UserId},
    ids::{ConversationId, PhoneNumberId},
    kinship::{Former, Seen},
    time::Timestamp,
    working_set::WorkingSet,
};

/// The conversation in which a person is known, if in any.
pub fn find(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    person: &Person,
) -> Option<ConversationId> {
    let Person { phone, user_id, name: _, username: _ } = person;
    let user = user_id.clone().map(Identity::User);
    if let Some(found) = user.and_then(|user| set.conversation_of(number, &user)) {
        return Some(found);
    }
    let found = set.conversation_of(number, &Identity::Phone(phone.clone()?))?;
    // A number in new hands: its conversation is another person's.
    let theirs = user_id.as_ref().is_none_or(|user| is_open_to(set, found, user));
    theirs.then_some(found)
}

/// Takes in what Meta said of a person at a time. Returns where they are found now: another conversation
/// than `mine` when both turn out to be theirs.
pub fn learn(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    mine: ConversationId,
    person: &Person,
    at: Timestamp,
) -> ConversationId {
    let Person { phone, user_id, name: _, username: _ } = person;
    let mut mine = set.resolve(mine);
    if let Some(user) = user_id {
        mine = claim_user(set, number, mine, user);
    }
    let owns = match phone {
        Some(phone) => {
            mine = claim_phone(set, number, mine, phone, at);
            is_under(set, mine, phone)
        }
        None => false,
    };
    let seen = Person { phone: phone.clone().filter(|_| owns), ..person.clone() };
    if set.conversation(mine).is_some_and(|row| is_news(row, &seen, at)) {
        set.change_conversation(mine, |row| {
            let given = row.kin.name_given;
            update((&mut row.candidate, &mut row.kin.seen), given, &seen, at);
        });
    }
    mine
}

/// Takes in that a person's identifiers changed at a time. Whoever writes from the old number later is
/// somebody else.
pub fn change(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    mine: ConversationId,
    (old, new): (&Person, &Person),
    at: Timestamp,
) -> ConversationId {
    let mut mine = set.resolve(mine);
    if let Some(user) = &old.user_id {
        mine = claim_user(set, number, mine, user);
    }
    if let Some(phone) = old.phone.as_ref().filter(|phone| new.phone.as_ref() != Some(*phone))
        && set.conversation(mine).is_some_and(|row| gives_up(row, phone, at))
    {
        set.change_conversation(mine, |row| give_up(row, phone, at));
    }
    learn(set, number, mine, new, at)
}

/// Takes in the identifiers under which Meta delivered to a person: less than what a person says of
/// themselves, so they add to what is known and replace nothing.
pub fn learn_recipient(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    mine: ConversationId,
    person: &Person,
) {
    let foreign = person.user_id.as_ref().is_some_and(|user| !is_open_to(set, mine, user));
    let before = set.conversation(mine).cloned();
    if foreign || knows(set, mine, person) {
        return;
    }
    let Person { phone, user_id, name: _, username: _ } = person.clone();
    let person = Person { phone, user_id, ..Person::default() };
    let now = learn(set, number, mine, &person, Timestamp::from_millis(0));
    let after = set.conversation(now).cloned();
    // A merge tells of itself.
    if let (Some(before), Some(after)) = (before, after)
        && before.id == after.id
        && before.identities != after.identities
    {
        set.tell(News::ConversationUpdated { conversation: after });
    }
}

/// True when a conversation is found under every identifier of a person.
fn knows(set: &WorkingSet, id: ConversationId, person: &Person) -> bool {
    let known = set.conversation(id).map(|row| &row.identities);
    person.identities().iter().all(|identity| known.is_some_and(|known| known.contains(identity)))
}

/// A business-scoped id is one person's for ever: two conversations with it are one.
fn claim_user(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    mine: ConversationId,
    user: &UserId,
) -> ConversationId {
    let identity = Identity::User(user.clone());
    match set.conversation_of(number, &identity).map(|id| set.resolve(id)) {
        Some(holder) if holder == mine => mine,
        Some(holder) => merge(set, holder, mine),
        None => bind(set, mine, identity),
    }
}

fn claim_phone(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    mine: ConversationId,
    phone: &PhoneNumber,
    at: Timestamp,
) -> ConversationId {
    if set.conversation(mine).is_none_or(|row| is_former(row, phone, at)) {
        // Told late, of the time before it was given up: whoever has it now is somebody else.
        return mine;
    }
    let identity = Identity::Phone(phone.clone());
    let holder = set.conversation_of(number, &identity).map(|id| set.resolve(id));
    let Some(holder) = holder else { return bind(set, mine, identity) };
    if holder == mine {
        return mine;
    }
    if are_one(set, holder, mine) {
        // The one with a business-scoped id goes on.
        let (heir, other) = if has_user(set, mine) { (mine, holder) } else { (holder, mine) };
        return merge(set, heir, other);
    }
    let used_later = set.conversation(holder).is_some_and(|row| row.kin.seen.phone >= Some(at));
    if !used_later {
        let former = set.change_conversation(holder, |row| give_up(row, phone, at));
        former.into_iter().for_each(|conversation| {
            set.tell(News::ConversationUpdated { conversation });
        });
        bind(set, mine, identity);
    }
    mine
}

fn bind(set: &mut WorkingSet, mine: ConversationId, identity: Identity) -> ConversationId {
    if set.conversation(mine).is_some_and(|row| !row.identities.contains(&identity)) {
        set.change_conversation(mine, |row| {
            row.identify(identity);
        });
    }
    mine
}

fn give_up(row: &mut Conversation, phone: &PhoneNumber, at: Timestamp) {
    row.identities.retain(|identity| !matches!(identity, Identity::Phone(known) if known == phone));
    if row.candidate.phone.as_ref() == Some(phone) {
        row.candidate.phone = None;
    }
    match row.kin.former.iter_mut().find(|former| former.phone == *phone) {
        Some(former) => former.until = former.until.max(at),
        None => {
            if row.kin.former.len() == Former::MOST {
                row.kin.former.remove(0);
            }
            row.kin.former.push(Former { phone: phone.clone(), until: at });
        }
    }
}

/// True unless the number was given up then already, or was theirs again later.
fn gives_up(row: &Conversation, phone: &PhoneNumber, at: Timestamp) -> bool {
    let theirs_later = row.candidate.phone.as_ref() == Some(phone) && row.kin.seen.phone > Some(at);
    !theirs_later && !is_former(row, phone, at)
}

/// True when the conversation gave the number up at this time or later.
fn is_former(row: &Conversation, phone: &PhoneNumber, at: Timestamp) -> bool {
    row.kin.former.iter().any(|former| former.phone == *phone && former.until >= at)
}

fn is_under(set: &WorkingSet, id: ConversationId, phone: &PhoneNumber) -> bool {
    let identity = Identity::Phone(phone.clone());
    set.conversation(id).is_some_and(|row| row.identities.contains(&identity))
}

fn users(row: &Conversation) -> impl Iterator<Item = &UserId> {
    row.identities.iter().filter_map(|identity| match identity {
        Identity::User(user) => Some(user),
        Identity::Phone(_) => None,
    })
}

fn has_user(set: &WorkingSet, id: ConversationId) -> bool {
    set.conversation(id).is_some_and(|row| users(row).next().is_some())
}

/// True when nobody else is known in the conversation.
fn is_open_to(set: &WorkingSet, id: ConversationId, user: &UserId) -> bool {
    set.conversation(id).is_some_and(|row| {
        let mut known = users(row).peekable();
        known.peek().is_none() || known.any(|known| known == user)
    })
}

/// True unless two different persons are known to be in them.
fn are_one(set: &WorkingSet, one: ConversationId, other: ConversationId) -> bool {
    !(has_user(set, one) && has_user(set, other))
}

fn is_news(row: &Conversation, person: &Person, at: Timestamp) -> bool {
    let (mut candidate, mut seen) = (row.candidate.clone(), row.kin.seen.clone());
    update((&mut candidate, &mut seen), row.kin.name_given, person, at);
    candidate != row.candidate || seen != row.kin.seen
}

/// Takes over what is newer than what was known.
fn update(
    (candidate, seen): (&mut Candidate, &mut Seen),
    name_given: bool,
    person: &Person,
    at: Timestamp,
) {
    let Person { phone, user_id, name, username } = person;
    // A name of which nobody knows when WhatsApp said it may be the recruiter's.
    if !name_given && (candidate.name.is_none() || seen.name.is_some()) {
        take((&mut candidate.name, &mut seen.name), name, at);
    }
    take((&mut candidate.username, &mut seen.username), username, at);
    take((&mut candidate.phone, &mut seen.phone), phone, at);
    take((&mut candidate.user_id, &mut seen.user_id), user_id, at);
}

/// Of two words the later one holds; of two of one time the greater, so that order does not matter.
fn take<T: Ord + Clone>(
    (known, seen): (&mut Option<T>, &mut Option<Timestamp>),
    new: &Option<T>,
    at: Timestamp,
) {
    if new.is_some() && (Some(at), new) > (*seen, &*known) {
        known.clone_from(new);
        *seen = Some(at);
    }
}
