//! Two conversations turn out to be with one person.
//!
//! Invariant: nothing is lost and little is moved. The messages of both stay where they are; the one that
//! goes on shows them all, answers for both ids, and remembers what it was made of.

use crate::domain::{
    conversation::Conversation,
    event::News,
    ids::ConversationId,
    kinship::{Absorbed, Former, Kinship, Seen},
    working_set::WorkingSet,
};

/// Merges `other` into `heir`. Returns the one that goes on; that is `heir`, unless it has taken in as many
/// as it can.
pub fn merge(set: &mut WorkingSet, heir: ConversationId, other: ConversationId) -> ConversationId {
    let (heir, other) = (set.resolve(heir), set.resolve(other));
    let (Some(row), Some(heir_row)) = (set.conversation(other), set.conversation(heir)) else {
        return heir;
    };
    let room = heir_row.kin.absorbed.len() + row.kin.absorbed.len() < Absorbed::MOST;
    if heir == other || !room {
        return heir;
    }
    let (row, at) = (row.clone(), set.now());
    let gone = set.change_merged(other, |row| {
        row.merged_into = Some(heir);
        row.hidden = true;
        row.identities.clear();
        row.unread_count = 0;
        row.last_message = None;
    });
    let whole = set.change_conversation(heir, |heir| {
        let record = Absorbed {
            id: row.id,
            at,
            identities: row.identities.clone(),
            hidden_before: row.hidden_before,
        };
        absorb(heir, row);
        heir.kin.absorbed.push(record);
    });
    for conversation in gone.into_iter().chain(whole) {
        set.tell(News::ConversationUpdated { conversation });
    }
    heir
}

/// Makes one summary of two.
fn absorb(heir: &mut Conversation, other: Conversation) {
    for identity in other.identities {
        heir.identify(identity);
    }
    if other.last_message.as_ref().map(|m| (m.at, m.id))
        > heir.last_message.as_ref().map(|m| (m.at, m.id))
    {
        heir.last_message = other.last_message;
    }
    heir.last_message_at = heir.last_message_at.max(other.last_message_at);
    heir.last_inbound_at = heir.last_inbound_at.max(other.last_inbound_at);
    heir.unread_count = heir.unread_count.saturating_add(other.unread_count);
    heir.contacted |= other.contacted;
    heir.hidden &= other.hidden;
    heir.created_at = heir.created_at.min(other.created_at);

    let Kinship { seen, name_given, former, absorbed, marketing } = other.kin;
    let (mine, theirs) = (&mut heir.candidate, other.candidate);
    let Seen { phone, user_id, name, username } = seen;
    newest((&mut mine.phone, &mut heir.kin.seen.phone), (theirs.phone, phone));
    newest((&mut mine.user_id, &mut heir.kin.seen.user_id), (theirs.user_id, user_id));
    newest((&mut mine.username, &mut heir.kin.seen.username), (theirs.username, username));
    if name_given == heir.kin.name_given {
        newest((&mut mine.name, &mut heir.kin.seen.name), (theirs.name, name));
    } else if name_given {
        (mine.name, heir.kin.seen.name, heir.kin.name_given) = (theirs.name, name, true);
    }
    heir.kin.former.extend(former);
    let surplus = heir.kin.former.len().saturating_sub(Former::MOST);
    heir.kin.former.drain(..surplus);
    heir.kin.absorbed.extend(absorbed);
    heir.kin.marketing = heir.kin.marketing.max(marketing);
}

/// Of two words the later one holds.
fn newest<T: Ord, S: Ord + Copy>(
    (mine, seen): (&mut Option<T>, &mut Option<S>),
    (theirs, at): (Option<T>, Option<S>),
) {
    if theirs.is_some() && (at, &theirs) > (*seen, &*mine) {
        (*mine, *seen) = (theirs, at);
    }
}
