//! From an answer, or the lack of one, to an outcome. THE table of what may be sent again.
//!
//! Invariant: `NotTaken` needs proof, either no connection or a code of Meta's that says so. Whatever
//! proves nothing is `Unknown`.

use std::time::Duration;

use serde_json::Value;

use super::{NotTaken, Refused, SendOutcome};
use crate::{
    domain::{
        identity::{Identity, PhoneNumber},
        ids::Wamid,
        refusal::MetaReason,
    },
    meta::{
        class::Class,
        client::{Answer, Lost},
        error::{Fault, Said},
        peek,
    },
};

/// How long a used-up sending limit is left alone when Meta names no time.
const LIMITED: Duration = Duration::from_secs(60 * 60);
/// The status of HTTP for too many requests. By its meaning nothing was taken, whoever says it.
const TOO_MANY: u16 = 429;

/// What became of the message.
pub(super) fn outcome(answer: Result<Answer, Lost>) -> SendOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Lost::NotConnected(details)) => {
            return not_taken(NotTaken::NotConnected, ours(details), None);
        }
        Err(Lost::NoAnswer(reason)) => return SendOutcome::Unknown { reason },
    };
    match Said::read(&answer) {
        Said::Yes(body) => accepted(&body),
        Said::No(fault) => refused(fault, &answer),
        Said::Nothing(what) if answer.status == TOO_MANY => {
            not_taken(NotTaken::Throttled, ours(what), answer.retry_after)
        }
        Said::Nothing(reason) => SendOutcome::Unknown { reason },
    }
}

fn accepted(body: &Value) -> SendOutcome {
    let first = |key| peek::list(body, key).first();
    let id = first("messages").and_then(|message| peek::text(message, "id"));
    let Some(wamid) = id.and_then(|id| Wamid::parse(&id).ok()) else {
        return SendOutcome::Unknown { reason: "a good answer without a message id".to_owned() };
    };
    let wa_id = first("contacts").and_then(|contact| peek::text(contact, "wa_id"));
    // A business-scoped user id may stand there too.
    let wa_id = wa_id.and_then(|id| match Identity::classify(&id) {
        Some(Identity::Phone(number)) => Some::<PhoneNumber>(number),
        Some(Identity::User(_)) | None => None,
    });
    SendOutcome::Accepted { wamid, wa_id }
}

/// THE table.
fn refused(fault: Fault, answer: &Answer) -> SendOutcome {
    let Fault { reason, class } = fault;
    let wait = answer.retry_after;
    match class {
        Class::Token => not_taken(NotTaken::TokenRefused, reason, None),
        Class::Access => not_taken(NotTaken::AccessLost, reason, None),
        Class::Throttled => not_taken(NotTaken::Throttled, reason, wait),
        Class::PairThrottled => not_taken(NotTaken::PairThrottled, reason, wait),
        Class::Limited => not_taken(NotTaken::Limited, reason, wait.or(Some(LIMITED))),
        Class::Unavailable => not_taken(NotTaken::Unavailable, reason, wait),
        Class::TemplatePaused => not_taken(NotTaken::Paused, reason, wait),
        Class::WindowClosed => SendOutcome::Refused { class: Refused::WindowClosed, reason },
        Class::OptedOut => SendOutcome::Refused { class: Refused::OptedOut, reason },
        Class::Account
        | Class::Undeliverable
        | Class::Template
        | Class::Media
        | Class::Registration
        | Class::Parameter => SendOutcome::Refused { class: Refused::Permanent, reason },
        Class::Unsure => unknown(&reason),
        Class::Unlisted if answer.status == TOO_MANY => {
            not_taken(NotTaken::Throttled, reason, wait)
        }
        // A code that nobody knows proves a refusal only where the request is to blame.
        Class::Unlisted if (400..500).contains(&answer.status) => {
            SendOutcome::Refused { class: Refused::Permanent, reason }
        }
        Class::Unlisted => unknown(&reason),
    }
}

fn not_taken(why: NotTaken, reason: MetaReason, retry_after: Option<Duration>) -> SendOutcome {
    SendOutcome::NotTaken { why, reason, retry_after }
}

fn unknown(reason: &MetaReason) -> SendOutcome {
    SendOutcome::Unknown { reason: format!("{} (code {})", reason.details, reason.code) }
}

/// A reason that is not Meta's.
fn ours(details: String) -> MetaReason {
    MetaReason { details, ..MetaReason::default() }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
