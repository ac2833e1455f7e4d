//! Whether a message may go: limits, reaction target, window, and what the person wants.
//!
//! Invariant: what Meta finds out only later is not a refusal but a failure to report afterwards.

use super::request::Send;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::limits::Exceeded;
use crate::meta::media::Kind;
use crate::meta::number::WaNumber;
use crate::meta::script::Settings;
use crate::meta::state::State;
use crate::meta::window;

const MARKETING: &str = "MARKETING";

/// A message that is well formed, and whom it is for.
pub(super) struct Candidate<'a> {
    pub(super) account: &'a Account,
    pub(super) send: &'a Send,
    pub(super) to: &'a WaNumber,
    /// Category of the template, if it is one.
    pub(super) category: Option<&'a str>,
}

/// Lets it in, maybe with a failure to report later; takes it out of all limits.
pub(super) fn admit(
    state: &mut State,
    candidate: &Candidate<'_>,
    settings: Settings,
    now: i64,
) -> Result<Option<GraphError>, GraphError> {
    let Candidate { account, send, to, category } = *candidate;
    let phone = state.phones.get(to);
    if send.kind == "reaction" {
        let target = send.content["message_id"].as_str().unwrap_or_default();
        if !phone.is_some_and(|phone| phone.messages.iter().any(|m| m.wamid == target)) {
            return Err(GraphError::of(131_009).details("reaction.message_id is not known"));
        }
    }
    let last = phone.and_then(|phone| phone.windows.get(&account.phone_number_id).copied());
    let open = window::is_open(last, now);
    let closed = send.kind != "template" && !open;
    let stopped = category == Some(MARKETING)
        && phone.is_some_and(|phone| phone.stopped.contains(&account.phone_number_id));
    if closed && settings.window_sync.0 {
        return Err(outside());
    }
    let unfit = unfit(state, send, now);
    if settings.limits.0 {
        throttle(state, account, to, now)?;
    }
    let limit = settings.portfolio_limit;
    let many = !open && limit > 0 && !state.limits.reach(&account.business_id, to, limit, now);
    Ok(match (closed, stopped, many) {
        (true, _, _) => Some(outside()),
        (false, true, _) => Some(GraphError::of(131_050)),
        (false, false, true) => Some(GraphError::of(131_048).details(
            "Message failed to send because there are restrictions on how many messages can be \
             sent from this phone number.",
        )),
        (false, false, false) => unfit,
    })
}

fn outside() -> GraphError {
    GraphError::of(131_047).details(
        "Message failed to send because more than 24 hours have passed since the customer last \
         replied to this number.",
    )
}

fn throttle(
    state: &mut State,
    account: &Account,
    to: &WaNumber,
    now: i64,
) -> Result<(), GraphError> {
    let taken = state.limits.take(&account.phone_number_id, to, now);
    taken.map_err(|exceeded| match exceeded {
        Exceeded::Pair => GraphError::of(131_056)
            .details("Too many messages sent from this phone number to the same user"),
        Exceeded::Number => {
            GraphError::of(130_429).details("Cloud API message throughput has been reached.")
        }
    })
}

/// A file that is not of the kind it is sent as. Ids that lead nowhere are let through: files were
/// not always kept here.
fn unfit(state: &State, send: &Send, now: i64) -> Option<GraphError> {
    let kind = Kind::of_message(&send.kind)?;
    let medium = state.media.get(send.content["id"].as_str()?, now)?;
    (!kind.takes(&medium.mime_type)).then(|| {
        GraphError::of(131_053)
            .details(format!("Unsupported {} mime type {}", send.kind, medium.mime_type))
    })
}
