//! Meta reported on a message of ours.
//!
//! Invariant: reports commute; a report on a message that is not there yet waits for it.

use super::{amend, people};
use crate::domain::{
    change::Orphan,
    event::News,
    fact::{Amended, StatusReport},
    ids::{MessageId, PhoneNumberId, Wamid},
    message::{Direction, Message},
    pricing::Pricing,
    status::{Status, Step},
    working_set::WorkingSet,
};

/// Takes a report in. `named` is the message that our own opaque data named, already verified.
pub fn take_report(
    set: &mut WorkingSet,
    number: &PhoneNumberId,
    report: &StatusReport,
    named: Option<MessageId>,
) {
    let StatusReport { wamid, step, opaque: _, recipient, pricing } = report;
    let by_wamid = set.message_of(number, wamid);
    let by_name = named.filter(|id| {
        set.message(*id).is_some_and(|message| {
            message.phone_number_id == *number && message.direction == Direction::Outbound
        })
    });
    let (id, heard) = match (by_wamid, by_name) {
        (Some(id), _) => (id, None),
        // The report came before the answer to our request: it brings the wamid.
        (None, Some(id)) => (id, learn_wamid(set, id, wamid)),
        (None, None) => {
            let (step, pricing) = (step.clone(), pricing.clone());
            return set.park(number, wamid, |orphan| orphan.hear(step, pricing, recipient.clone()));
        }
    };
    let mut orphan = heard.unwrap_or_else(|| Orphan::new(number.clone(), wamid.clone(), set.now()));
    orphan.pricing = Pricing::merge(orphan.pricing, pricing.clone());
    orphan.recipients.push(recipient.clone());
    catch_up(set, id, orphan, vec![step.clone()]);
}

/// Takes in what was said of a message before it was there, and steps that are new.
pub(super) fn catch_up(set: &mut WorkingSet, id: MessageId, heard: Orphan, new: Vec<Step>) {
    let Some(message) = set.message(id) else { return };
    if message.direction == Direction::Inbound {
        return;
    }
    let (number, conversation) = (message.phone_number_id.clone(), message.conversation_id);
    for person in &heard.recipients {
        people::learn_recipient(set, &number, conversation, person);
    }
    for amendment in heard.amendments {
        let amended = Amended { original: heard.wamid.clone(), amendment };
        amend::take_amendment(set, &number, &amended);
    }
    advance_priced(set, id, heard.steps.into_iter().chain(new).collect(), heard.pricing);
}

/// Gives a message its wamid, unless it has one; returns what was said of it before.
fn learn_wamid(set: &mut WorkingSet, id: MessageId, wamid: &Wamid) -> Option<Orphan> {
    set.message(id).filter(|message| message.wamid.is_none())?;
    bind_wamid(set, id, wamid)
}

/// Gives a message its wamid; returns what was said of it before. One that another message has stays
/// there: insisting on it would never be committed.
pub(super) fn bind_wamid(set: &mut WorkingSet, id: MessageId, wamid: &Wamid) -> Option<Orphan> {
    let number = set.message(id)?.phone_number_id.clone();
    if set.message_of(&number, wamid).is_some() {
        return None;
    }
    let message = set.change_message(id, |row| row.wamid = Some(wamid.clone()))?;
    set.adopt_orphan(&message.phone_number_id, wamid)
}

/// Merges steps into a message's life; tells when what is shown changed.
pub(super) fn advance(set: &mut WorkingSet, id: MessageId, steps: Vec<Step>) {
    advance_priced(set, id, steps, None);
}

fn advance_priced(set: &mut WorkingSet, id: MessageId, steps: Vec<Step>, pricing: Option<Pricing>) {
    let Some(before) = set.message(id) else { return };
    if before.direction == Direction::Inbound {
        return;
    }
    let mut life = before.life.clone();
    for step in steps {
        life.merge(step);
    }
    let pricing = Pricing::merge(before.pricing.clone(), pricing);
    if life == before.life && pricing == before.pricing {
        return;
    }
    let shown = life.status() != before.life.status();
    let Some(message) = set.change_message(id, |row| {
        row.life = life;
        row.pricing = pricing;
        if row.life.phase() != Status::Queued
            && let Some(outbox) = &mut row.outbox
        {
            outbox.due_at = None;
        }
    }) else {
        return;
    };
    reflect(set, &message);
    if shown {
        set.tell(status_news(&message));
    }
}

/// Carries a message's state into its conversation.
fn reflect(set: &mut WorkingSet, message: &Message) {
    let Some(conversation) = set.conversation(message.conversation_id) else { return };
    let reached = match message.life.status() {
        Status::Accepted | Status::Sent | Status::Delivered | Status::Read | Status::Unknown => {
            true
        }
        Status::Received | Status::Queued | Status::Sending | Status::Failed => false,
    };
    let contacts = reached && !conversation.contacted;
    let summarised = conversation
        .last_message
        .as_ref()
        .is_some_and(|last| last.id == message.id && last.status != message.life.status());
    if contacts || summarised {
        set.change_conversation(message.conversation_id, |row| {
            row.contacted |= reached;
            row.follow_status(message);
        });
    }
}

/// The entry that tells where a message stands.
fn status_news(message: &Message) -> News {
    let status = message.life.status();
    let reached = message.life.history().iter().rev().find(|step| step.status == status);
    News::MessageStatus {
        conversation_id: message.conversation_id,
        message_id: message.id,
        wamid: message.wamid.clone(),
        status,
        at: reached.map_or(message.at, |step| step.at),
        error: message.life.failure().cloned(),
    }
}
