//! Meta reported on a message of ours.
//!
//! Invariant: reports commute; a report on a message that is not there yet waits for it.

use crate::domain::{
    event::News,
    fact::StatusReport,
    ids::{MessageId, PhoneNumberId},
    message::{Direction, Message},
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
    let by_wamid = set.message_of(number, &report.wamid);
    let by_name = named.filter(|id| {
        set.message(*id).is_some_and(|message| {
            message.phone_number_id == *number && message.direction == Direction::Outbound
        })
    });
    match (by_wamid, by_name) {
        (Some(id), _) => advance(set, id, vec![report.step.clone()]),
        // The report came before the answer to our request: it brings the wamid.
        (None, Some(id)) => {
            let mut steps = learn_wamid(set, id, report);
            steps.push(report.step.clone());
            advance(set, id, steps);
        }
        (None, None) => set.park(number, &report.wamid, report.step.clone()),
    }
}

/// Gives a message its wamid, unless it has one; returns what was parked for it.
fn learn_wamid(set: &mut WorkingSet, id: MessageId, report: &StatusReport) -> Vec<Step> {
    if set.message(id).is_none_or(|message| message.wamid.is_some()) {
        return Vec::new();
    }
    bind_wamid(set, id, &report.wamid)
}

/// Gives a message its wamid; returns the steps that were parked under it. One that another message
/// has stays there: insisting on it would never be committed.
pub(super) fn bind_wamid(
    set: &mut WorkingSet,
    id: MessageId,
    wamid: &crate::domain::ids::Wamid,
) -> Vec<Step> {
    let number = set.message(id).map(|message| message.phone_number_id.clone());
    if number.is_none_or(|number| set.message_of(&number, wamid).is_some()) {
        return Vec::new();
    }
    let Some(message) = set.change_message(id, |row| row.wamid = Some(wamid.clone())) else {
        return Vec::new();
    };
    set.adopt_orphan(&message.phone_number_id, wamid).map_or_else(Vec::new, |orphan| orphan.steps)
}

/// Merges steps into a message's life; tells when what is shown changed.
pub(super) fn advance(set: &mut WorkingSet, id: MessageId, steps: Vec<Step>) {
    let Some(before) = set.message(id) else { return };
    if before.direction == Direction::Inbound {
        return;
    }
    let mut life = before.life.clone();
    for step in steps {
        life.merge(step);
    }
    if life == before.life {
        return;
    }
    let shown = life.status() != before.life.status();
    let Some(message) = set.change_message(id, |row| {
        row.life = life;
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
