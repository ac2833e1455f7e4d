//! What every handler shares: the way to the cores, who is admitted, the secrets, the sockets.
//!
//! Invariant: nothing in it is worth keeping; an edge that starts anew has lost nothing.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    api::messages::media::Places, config::Secret, core::Core, identity::Gate, realtime::Realtime,
};

/// What every handler shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateway(Arc<Parts>);

/// The parts of a gateway.
#[derive(Debug)]
pub struct Parts {
    pub(crate) core: Core,
    pub(crate) gate: Gate,
    pub(crate) app_secrets: Vec<Secret>,
    pub(crate) verify_token: Secret,
    pub(crate) webhook_places: Semaphore,
    pub(crate) download_places: Places,
    pub(crate) realtime: Realtime,
}

impl Gateway {
    /// Shares its parts.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for Gateway {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
