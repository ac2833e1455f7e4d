//! A candidate wrote: the message, its conversation, the window.
//!
//! Invariant: the same wamid makes one message however often it comes; the window follows Meta's
//! clock and never moves backwards.

use super::{
    amend::{self, Fresh},
    meet, people,
};
use crate::domain::{
    client::Client,
    content::{Content, MessageType},
    event::News,
    fact::Inbound,
    ids::{ConversationId, MessageId, PhoneNumberId},
    message::{Beginning, Direction, Message},
    status::Life,
    time::Timestamp,
    working_set::WorkingSet,
};

/// Ids minted before the decision, so that deciding again finds its own rows.
#[derive(Debug, Clone, Copy)]
pub struct Minted {
    /// For the message.
    pub message: MessageId,
    /// For the conversation, should it be new.
    pub conversation: ConversationId,
}

/// Takes an inbound message in. Returns false when it was known.
pub fn take_inbound(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    inbound: &Inbound,
    minted: Minted,
) -> bool {
    if let Some(known) = set.message_of(number, &inbound.wamid) {
        reread(set, number, known, inbound);
        return false;
    }
    // A time in the future counts as its arrival; Meta's seconds are whole.
    let sent_at = inbound.sent_at.min(set.now());
    let Inbound { sender, became, .. } = inbound;
    let conversation = match became {
        None => meet::meet(set, client, number, sender, sent_at, minted.conversation),
        Some(new) => {
            meet::meet_changed(set, client, number, (sender, new), sent_at, minted.conversation)
        }
    };
    let mut message =
        message(set, client, number, inbound, (minted.message, conversation, sent_at));
    amend::adopt(set, &mut message);
    let summary = set.change_conversation(conversation, |row| {
        meet::reveal(row, message.place());
        row.take_in(&message);
        row.unread_count = row.unread_count.saturating_add(1);
        // A system notice is Meta's word, not the candidate's: it opens nothing.
        if message.kind != MessageType::System {
            row.last_inbound_at = row.last_inbound_at.max(Some(sent_at));
        }
    });
    set.insert_message(message.clone());
    if let Some(conversation) = summary {
        set.tell(News::MessageIncoming { conversation, message });
    }
    true
}

fn message(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    inbound: &Inbound,
    (id, conversation_id, sent_at): (MessageId, ConversationId, Timestamp),
) -> Message {
    let Inbound { wamid, sender: _, sent_at: _, kind, content, context, referral, raw, became: _ } =
        inbound;
    let mut content = content.clone();
    if let Content::Reaction(reaction) = &mut content {
        reaction.message_id = set.message_of(number, &reaction.wamid);
    }
    let answered = context.as_ref().and_then(|context| context.wamid.as_ref());
    let begun = Message::begin(Beginning {
        id,
        owner: set.owner().clone(),
        conversation_id,
        client_id: client.id,
        phone_number_id: number.clone(),
        direction: Direction::Inbound,
        kind: *kind,
        content,
        life: Life::received(sent_at),
        at: meet::end_of_second(sent_at),
        now: set.now(),
    });
    Message {
        wamid: Some(wamid.clone()),
        reply_to: answered.and_then(|wamid| set.message_of(number, wamid)),
        context: context.clone(),
        referral: referral.clone(),
        raw: raw.clone(),
        ..begun
    }
}

/// Reads what is known once more: a version before this one may have kept it without understanding it.
fn reread(set: &mut WorkingSet, number: &PhoneNumberId, known: MessageId, inbound: &Inbound) {
    let Inbound { wamid: _, sender, sent_at, kind, content, context, referral, raw, became } =
        inbound;
    let fresh = Fresh { kind: *kind, content, context, referral, raw };
    let Some(conversation) = amend::understand(set, Direction::Inbound, known, fresh) else {
        return;
    };
    if let Some(new) = became {
        let at = (*sent_at).min(set.now());
        people::change(set, number, conversation, (sender, new), at);
    }
}
