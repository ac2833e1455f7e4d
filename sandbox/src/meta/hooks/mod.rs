//! Webhooks out: what is said, when it is due, and the loop that says it.
//!
//! Invariant: an accepted webhook is kept until the receiver answered exactly 200 or seven days of
//! business time are over. Delivery is at least once, concurrent and unordered, like Meta's.

mod attempt;
mod dispatch;
mod inbound;
mod partner;
mod payload;
mod queue;
mod report;
mod statuses;
mod tell;

pub use attempt::{Receipt, post_signed};
pub use dispatch::run;
pub use inbound::inbound;
pub use partner::{Disconnection, PartnerEvent, announce_partner};
pub use payload::{envelope, envelope_of};
pub use queue::{Delivery, Queue, Subject};
pub use statuses::{Sent, announce, announce_read, is_subscribed};
pub use tell::tell;
