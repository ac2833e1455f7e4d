//! Somebody changed a message of theirs, or took it back.
//!
//! Invariant: the message is changed in place and nothing else is; amendments commute, and one that comes
//! before its message waits for it.

use crate::domain::{
    amendment::{Amendment, Change},
    change::Orphan,
    content::{Content, Media, MessageType},
    context::{Context, Referral},
    event::News,
    fact::Amended,
    fetch,
    ids::{ConversationId, MessageId, PhoneNumberId},
    message::{Direction, Message},
    working_set::WorkingSet,
};

/// Takes an amendment in.
pub fn take_amendment(set: &mut WorkingSet, number: &PhoneNumberId, amended: &Amended) {
    let Amended { original, amendment } = amended;
    // A time in the future would hold against every later word.
    let amendment = &Amendment { at: amendment.at.min(set.now()), ..amendment.clone() };
    let Some(id) = set.message_of(number, original) else {
        let amendment = amendment.clone();
        set.park(number, original, |orphan| orphan.hear_amendment(amendment));
        return;
    };
    let Some(before) = set.message(id).cloned() else { return };
    let mut after = before.clone();
    apply(&mut after, amendment);
    if after == before {
        return;
    }
    let changed = set.change_message(id, |row| {
        *row = Message { revision: row.revision, ..after };
    });
    if let Some(message) = changed {
        tell(set, &before, message);
    }
}

/// A message as this version reads it.
pub(super) struct Fresh<'a> {
    pub(super) kind: MessageType,
    pub(super) content: &'a Content,
    pub(super) context: &'a Option<Box<Context>>,
    pub(super) referral: &'a Option<Box<Referral>>,
    pub(super) raw: &'a Option<String>,
}

/// Reads a known message once more: a version before this one may have kept it without understanding it,
/// or without fetching its file. Returns its conversation when it is understood only now.
pub(super) fn understand(
    set: &mut WorkingSet,
    direction: Direction,
    id: MessageId,
    fresh: Fresh<'_>,
) -> Option<ConversationId> {
    let before = set.message(id).filter(|message| message.direction == direction)?.clone();
    if fetch::pending(&before.content).is_some() && before.fetch_at().is_none() {
        // Changing it begins what has to be done for its file.
        set.change_message(id, |_| ());
    }
    let Fresh { kind, content, context, referral, raw } = fresh;
    if before.kind != MessageType::Unsupported || kind == MessageType::Unsupported {
        return None;
    }
    let message = set.change_message(id, |row| {
        row.kind = kind;
        row.content = content.clone();
        row.context.clone_from(context);
        row.referral.clone_from(referral);
        row.raw.clone_from(raw);
    })?;
    let conversation = message.conversation_id;
    tell(set, &before, message);
    Some(conversation)
}

/// Gives a message that comes now what was done to it before. Returns what else was said of it.
pub(super) fn adopt(set: &mut WorkingSet, message: &mut Message) -> Option<Orphan> {
    let number = message.phone_number_id.clone();
    let orphan = set.adopt_orphan(&number, message.wamid.as_ref()?)?;
    for amendment in &orphan.amendments {
        apply(message, amendment);
    }
    Some(orphan)
}

/// Tells of a message whose content changed, and carries it into its conversation.
pub(super) fn tell(set: &mut WorkingSet, before: &Message, message: Message) {
    let is_last = set
        .conversation(message.conversation_id)
        .is_some_and(|row| row.last_message.as_ref().is_some_and(|last| last.id == message.id));
    let conversation = if is_last && before.preview() != message.preview() {
        set.change_conversation(message.conversation_id, |row| row.summarise(&message))
    } else {
        set.conversation(message.conversation_id).cloned()
    };
    if let Some(conversation) = conversation {
        set.tell(News::MessageUpdated { conversation, message });
    }
}

fn apply(message: &mut Message, amendment: &Amendment) {
    let Amendment { wamid, direction, at, change } = amendment;
    if message.direction != *direction {
        return;
    }
    match change {
        Change::Revoked => {
            message.revoked_at = Some(message.revoked_at.map_or(*at, |known| known.min(*at)));
        }
        Change::Edited { kind, content } => {
            let later = (Some(*at), Some(wamid)) > (message.edited_at, message.edited_by.as_ref());
            if later {
                message.edited_at = Some(*at);
                message.edited_by = Some(wamid.clone());
                message.kind = *kind;
                message.content = edited(&message.content, content);
            }
        }
    }
}

/// What a message says after an edit. The file of a media message stays: only its caption can be edited.
fn edited(before: &Content, after: &Content) -> Content {
    match (before, after) {
        (Content::Media(before), Content::Media(Media { kind, caption, .. }))
            if before.kind == *kind =>
        {
            Content::Media(Media { caption: caption.clone(), ..before.clone() })
        }
        (_, after) => after.clone(),
    }
}
