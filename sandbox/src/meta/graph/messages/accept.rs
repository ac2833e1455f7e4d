//! Accepting a message: the last checks, the ledger, the phone, and the statuses to come.
//!
//! Invariant: checks and ledger are one step under one lock. What is refused leaves no trace but a
//! count; what is accepted is in the ledger before anybody can see the answer.

use axum::body::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::super::answer::Answer;
use super::admit::{Candidate, admit};
use super::content::{self, Checked};
use super::request::{Send, Target};
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::hooks::{self, Sent};
use crate::meta::ledger::Entry;
use crate::meta::number::WaNumber;
use crate::meta::phone::{Direction, PhoneMessage, Progress};
use crate::meta::script::{Effects, Occasion, On};
use crate::meta::state::State;
use crate::meta::{World, ids};

/// What a request led to.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) answer: Answer,
    /// Resolves when the first status was acknowledged, if the answer shall wait for that.
    pub(super) first_status: Option<oneshot::Receiver<bool>>,
}

pub(super) fn accept(
    world: &World,
    account: &Account,
    send: &Send,
    body: &Bytes,
    effects: &Effects,
) -> Result<Done, GraphError> {
    if !account.registered {
        return Err(GraphError::of(133_010)
            .details("Account does not exist in Cloud API, please use /register API"));
    }
    if account.banned {
        return Err(GraphError::of(131_031).details("Business Account locked"));
    }
    let checked = content::check(account, &send.kind, &send.content)?;
    let raw: Box<RawValue> = serde_json::from_slice(body)
        .map_err(|_| GraphError::parameter("The body is not valid JSON"))?;
    let settings = world.script().settings;
    let now = world.clock().now_ms();
    let (sent, statuses) = {
        let mut state = world.state();
        let number = recipient(&state, account, &send.to)?;
        let category = checked.category.as_deref();
        let candidate = Candidate { account, send, to: &number, category };
        let later = admit(&mut state, &candidate, settings, now)?;
        let statuses = status_effects(world, account, &number, effects);
        let failure = later.or_else(|| statuses.fail_status.map(scripted));
        let sent = Sent {
            wamid: ids::outbound_wamid(&number),
            person: state.on_phone(&number, |phone| phone.owner()),
            opaque: send.opaque.clone(),
            category: checked.category.clone(),
            by_user_id: matches!(send.to, Target::User(_)),
            failure,
        };
        write_down(&mut state, account, send, &sent, raw, now);
        if sent.failure.is_none() {
            let progress = if settings.auto_read.0 { Progress::Read } else { Progress::Delivered };
            let message = message(account, send, &sent, checked, (now, progress));
            state.on_phone(&number, |phone| {
                phone.last_business = Some(account.phone_number_id.clone());
                phone.typing.remove(&account.phone_number_id);
                phone.push(message);
            });
        }
        (sent, statuses)
    };
    world.mark_changed();
    let first_status = hooks::announce(world, account, &sent, &statuses);
    Ok(Done { answer: answer(send, &sent), first_status })
}

/// What the rules on statuses, and those on the message, do to the statuses of this message.
fn status_effects(
    world: &World,
    account: &Account,
    number: &WaNumber,
    effects: &Effects,
) -> Effects {
    let on_status = world.script().strike(Occasion {
        on: On::Status,
        to: Some(number.as_str()),
        phone_number_id: Some(&account.phone_number_id),
        call: None,
    });
    on_status.with_message(effects)
}

fn recipient(state: &State, account: &Account, to: &Target) -> Result<WaNumber, GraphError> {
    let number = match to {
        Target::Number { number, input: _ } => number.clone(),
        Target::User(user) => state
            .phones
            .by_user_id(&account.business_id, user)
            .cloned()
            .ok_or_else(|| GraphError::of(131_026).details("No such user in this portfolio"))?,
    };
    if number == account.number {
        return Err(GraphError::of(131_021));
    }
    Ok(number)
}

fn scripted(code: u32) -> GraphError {
    GraphError::of(code).details("Scripted.")
}

fn write_down(
    state: &mut State,
    account: &Account,
    send: &Send,
    sent: &Sent,
    raw: Box<RawValue>,
    now: i64,
) {
    let to = match &send.to {
        Target::Number { number, input: _ } => number.to_string(),
        Target::User(user) => user.clone(),
    };
    state.ledger.append(Entry {
        wamid: sent.wamid.clone(),
        phone_number_id: account.phone_number_id.clone(),
        to,
        kind: send.kind.clone(),
        body: raw,
        opaque: send.opaque.clone(),
        accepted_at: now,
    });
}

/// The message as it lies on the phone of the person.
fn message(
    account: &Account,
    send: &Send,
    sent: &Sent,
    checked: Checked,
    (at_ms, progress): (i64, Progress),
) -> PhoneMessage {
    let Checked { text, content, category } = checked;
    PhoneMessage {
        text,
        content,
        progress,
        reply_to: send.reply_to.clone(),
        opaque: send.opaque.clone(),
        category,
        by_user_id: sent.by_user_id,
        ..PhoneMessage::new(&sent.wamid, Direction::In, account, &send.kind, at_ms)
    }
}

fn answer(send: &Send, sent: &Sent) -> Answer {
    let contact = match &send.to {
        Target::Number { input, number } => json!({"input": input, "wa_id": number.as_str()}),
        Target::User(user) => json!({"input": user, "user_id": user}),
    };
    let mut message: Value = json!({"id": sent.wamid});
    if send.kind == "template" {
        message["message_status"] = json!("accepted");
    }
    Answer(json!({
        "messaging_product": "whatsapp", "contacts": [contact], "messages": [message],
    }))
}
