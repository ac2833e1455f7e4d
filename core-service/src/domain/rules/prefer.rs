//! A candidate chose whether they take marketing messages.
//!
//! Invariant: the newest choice by Meta's clock holds; it opens no window and shows no conversation.

use super::meet;
use crate::domain::{
    client::Client,
    event::News,
    fact::Preference,
    ids::{ConversationId, PhoneNumberId},
    kinship::MarketingChoice,
    working_set::WorkingSet,
};

/// Takes a choice in.
pub fn take_preference(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    preference: &Preference,
    minted: ConversationId,
) {
    let Preference { person, at, stopped } = preference;
    // A time in the future would hold against every later word.
    let at = (*at).min(set.now());
    let id = meet::meet(set, client, number, person, at, minted);
    let choice = Some(MarketingChoice { at, stopped: *stopped });
    let Some(before) = set.conversation(id).map(|row| row.kin.marketing) else { return };
    if choice <= before {
        return;
    }
    let changed = set.change_conversation(id, |row| {
        row.kin.marketing = choice;
        // There is nothing to show of somebody who never wrote.
        row.hidden |= row.last_message_at.is_none();
    });
    if let Some(conversation) = changed {
        set.tell(News::ConversationUpdated { conversation });
    }
}
