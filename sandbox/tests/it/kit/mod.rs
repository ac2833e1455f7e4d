//! The whole service as real processes, and verbs to tell stories with.
//!
//! A [`Town`] is a simulated Meta, a core and an edge on free ports in a folder of their own. People
//! in it are a [`Recruiter`], who talks REST and listens on a [`Socket`], and a [`Phone`], which writes
//! and reads. Invariant: whatever takes time is awaited as an event, with a deadline; nothing here
//! sleeps and hopes.

mod answer;
mod log;
mod meta;
mod phone;
mod recruiter;
mod socket;
mod stream;
mod town;
mod webhook;

pub use answer::Answer;
pub use log::{ids, of_type};
pub use meta::{Account, Meta};
pub use phone::Phone;
pub use recruiter::Recruiter;
pub use socket::Socket;
pub use stream::Stream;
pub use town::{BINARY, Town};
pub use webhook::{Update, body, inbound, status};

use std::time::Duration;

/// Longest wait for anything that must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);
