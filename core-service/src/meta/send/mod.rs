//! Sending: one request, one of four outcomes.
//!
//! Invariant: a message is reported as not taken only when it is certain that the candidate will not
//! get it from this request. Whoever sends again after anything else may send twice.

mod body;
mod classify;
mod read;

use std::time::Duration;

use super::{Meta, client::Call, token::Token};
use crate::domain::{
    content::{Content, MessageType},
    identity::{Identity, PhoneNumber},
    ids::{PhoneNumberId, Wamid},
    refusal::MetaReason,
};

/// A message to send.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// To whom.
    pub to: &'a Identity,
    /// Its type.
    pub kind: MessageType,
    /// What it says.
    pub content: &'a Content,
    /// The message that it answers.
    pub context: Option<&'a Wamid>,
    /// Comes back with every status, to find the message by; at most 512 characters.
    pub opaque: &'a str,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// Meta has it.
    Accepted {
        /// Meta's id of it.
        wamid: Wamid,
        /// The number under which Meta knows the candidate, when it says so. It can differ from the
        /// one dialled.
        wa_id: Option<PhoneNumber>,
    },
    /// Meta surely does not have it; it may be sent again.
    NotTaken {
        /// Why, and so when.
        why: NotTaken,
        /// In words.
        reason: MetaReason,
        /// When it is worth trying again, if Meta or its rules say so.
        retry_after: Option<Duration>,
    },
    /// Meta refuses it, and will again.
    Refused {
        /// What the caller can do about it.
        class: Refused,
        /// What Meta said.
        reason: MetaReason,
    },
    /// Meta may or may not have it. Only a status, or a person, can tell.
    Unknown {
        /// What happened instead of an answer.
        reason: String,
    },
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotTaken {
    /// Too much at once over this number, account or app.
    Throttled,
    /// Too much at once to this candidate; others are not affected.
    PairThrottled,
    /// The sending limit is used up: hours, not seconds.
    Limited,
    /// Meta says that it cannot just now.
    Unavailable,
    /// No connection came about.
    NotConnected,
    /// The token opens nothing any more: connect again.
    TokenRefused,
    /// A permission or the number was taken away.
    AccessLost,
    /// The template is paused.
    Paused,
}

/// How a message was refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Free text outside the customer service window.
    WindowClosed,
    /// The candidate wants no such messages.
    OptedOut,
    /// Anything else.
    Permanent,
}

impl Meta {
    /// Sends a message, once.
    pub async fn send(
        &self,
        token: &Token,
        number: &PhoneNumberId,
        message: Outgoing<'_>,
    ) -> SendOutcome {
        let body = match body::of(message) {
            Ok(body) => body,
            Err(unsendable) => return unsendable.into(),
        };
        let path = [number.as_str(), "messages"];
        classify::outcome(self.graph.call(token, Call::post(&path, Some(&body))).await)
    }
}
