//! The business wrote on a phone of its own, and not through us.
//!
//! Invariant: it is ours to show and nothing more: it opens no window and is never sent.

use super::{
    advance,
    amend::{self, Fresh},
    meet,
    receive::Minted,
};
use crate::domain::{
    client::Client,
    event::News,
    fact::Echo,
    ids::PhoneNumberId,
    message::{Beginning, Direction, Message},
    status::{Life, Status, Step},
    working_set::WorkingSet,
};

/// Takes an echo in. Returns false when the message was known: sent through us, or told before.
pub fn take_echo(
    set: &mut WorkingSet,
    client: &Client,
    number: &PhoneNumberId,
    echo: &Echo,
    minted: Minted,
) -> bool {
    let Echo { wamid, recipient, sent_at, kind, content, context, raw } = echo;
    if let Some(known) = set.message_of(number, wamid) {
        let fresh = Fresh { kind: *kind, content, context, referral: &None, raw };
        amend::understand(set, Direction::Outbound, known, fresh);
        return false;
    }
    let sent_at = (*sent_at).min(set.now());
    let conversation = meet::meet(set, client, number, recipient, sent_at, minted.conversation);
    let answered = context.as_ref().and_then(|context| context.wamid.as_ref());
    let begun = Message::begin(Beginning {
        id: minted.message,
        owner: set.owner().clone(),
        conversation_id: conversation,
        client_id: client.id,
        phone_number_id: number.clone(),
        direction: Direction::Outbound,
        kind: *kind,
        content: content.clone(),
        life: Life::reported(Step { status: Status::Sent, at: sent_at, error: None }),
        at: meet::end_of_second(sent_at),
        now: set.now(),
    });
    let mut message = Message {
        wamid: Some(wamid.clone()),
        reply_to: answered.and_then(|wamid| set.message_of(number, wamid)),
        context: context.clone(),
        raw: raw.clone(),
        ..begun
    };
    let heard = amend::adopt(set, &mut message);
    let summary = set.change_conversation(conversation, |row| {
        meet::reveal(row, message.place());
        row.take_in(&message);
        row.contacted = true;
    });
    let id = message.id;
    set.insert_message(message.clone());
    if let Some(conversation) = summary {
        set.tell(News::MessageSent { conversation, message });
    }
    if let Some(orphan) = heard {
        advance::catch_up(set, id, orphan, Vec::new());
    }
    true
}
