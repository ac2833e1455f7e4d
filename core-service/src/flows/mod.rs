//! Journeys: each file is one, read top to bottom. They load, let a rule decide, commit, and talk to
//! Meta; they know neither gRPC nor SQL nor Meta's JSON.
//!
//! Invariant: what a flow answers is committed. A flow that fails says which of the three it was: refused
//! (nothing happened), not available (nothing is known to have happened), or Meta's word.

mod account;
pub mod clients;
pub mod converse;
pub mod cursor;
pub mod decide;
pub mod follow;
pub mod journal;
mod look;
pub mod media;
pub mod onboard;
pub mod receive;
pub mod refresh;
pub mod reseal;
pub mod send;
mod sight;
pub mod signals;
pub mod templates;
mod thread;
mod touched;
mod turns;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::turns::Turns;

use crate::{
    clock::Clock,
    domain::refusal::Refusal,
    ids::Ids,
    keys::{Marker, Vault, VaultError},
    media::MediaStore,
    meta::Meta,
    metrics::Metrics,
    store::{Store, StoreError},
};

/// Everything that a flow needs.
pub struct Core {
    /// Durable storage.
    pub store: Arc<dyn Store>,
    /// Meta.
    pub meta: Meta,
    /// Where people come back to from Meta.
    pub oauth: onboard::OauthSettings,
    /// Seals secrets.
    pub vault: Vault,
    /// Marks cursors.
    pub marker: Marker,
    /// The bytes of files.
    pub media: MediaStore,
    /// Whether something has to be read anew.
    pub refreshes: refresh::Refreshes,
    /// Whether there is a file to fetch.
    pub fetches: media::Fetches,
    /// Business time.
    pub clock: Clock,
    /// Mints ids.
    pub ids: Ids,
    /// Who decides again.
    pub turns: Turns,
    /// Who waits for which message.
    pub waiters: send::Waiters,
    /// What was recorded here and is sent here.
    pub handover: send::Handover,
    /// Where a message that goes at once gets its place.
    pub places: send::Counter,
    /// Read receipts on their way.
    pub receipts: send::Receipts,
    /// The live clients of owners who sent something lately.
    pub clients: clients::LiveClients,
    /// What is not worth keeping.
    pub signals: signals::Signals,
    /// Cancelled when the process is to end: callers who wait are answered with what is known.
    pub stop: CancellationToken,
    /// Which business number is whose, for choosing lanes.
    pub routes: receive::Routes,
    /// What it tells of itself in numbers.
    pub metrics: Metrics,
}

/// Why a flow did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Refused; nothing happened, except where the refusal says so.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store or this process cannot do it now.
    #[error("{0}")]
    Unavailable(String),
    /// Others changed the rows again and again. Nothing was written.
    #[error("{0}")]
    Contended(String),
    /// Meta did not answer or could not be reached.
    #[error("Meta is not available: {0}")]
    MetaUnavailable(String),
    /// Meta did not answer, and asking it again is of no use: the person has to begin again.
    #[error("Meta's answer was lost: {0}")]
    StartAgain(String),
    /// A setting is missing.
    #[error("not set up: {0}")]
    NotSetUp(&'static str),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(reason) => Self::Contended(reason),
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
            StoreError::Corrupt(reason) => Self::Internal(reason),
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.to_string())
    }
}
