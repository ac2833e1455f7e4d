//! The whole service as real processes, and verbs to tell stories with.
//!
//! A [`Town`] is a simulated Meta, cores and edges on free ports, on a [`Store`] of their own. People
//! in it are a [`Recruiter`], who talks REST and listens on a [`Socket`], and a [`Phone`], which writes
//! and reads. Invariant: whatever takes time is awaited as an event, with a deadline; nothing here
//! sleeps and hopes.

mod answer;
pub mod audit;
mod browser;
mod builder;
mod house;
pub mod kept;
mod load;
mod log;
mod meta;
mod pace;
mod phone;
mod recruiter;
mod socket;
mod store;
mod stream;
mod town;
mod webhook;

pub use answer::Answer;
pub use browser::{Browser, concern};
pub use builder::Builder;
pub use house::House;
pub use load::Load;
pub use log::{ids, of_type};
pub use meta::{Account, Meta};
pub use phone::Phone;
pub use recruiter::Recruiter;
pub use socket::Socket;
pub use store::Store;
pub(crate) use store::on_both_stores;
pub use stream::Stream;
pub use town::{BINARY, DATABASE, Town};
pub use webhook::{Update, body, inbound, status};

use std::time::Duration;

/// Longest wait for anything that must happen. What a killed core had in hand waits for the end of its
/// lease, 15 s.
pub const PATIENCE: Duration = Duration::from_secs(40);
