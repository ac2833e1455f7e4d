//! Live events: one engine ([`session`]) with several faces ([`ws`], [`sse`]).
//!
//! The log at the core is the truth. A [`hub`] holds one stream per owner, however many sockets the
//! owner has; a session pages from its cursor until it meets the hub's ring and follows it from
//! there. Nothing is skipped and nothing comes twice, because the switch happens at an event that
//! both have.

mod close;
mod commands;
mod door;
mod end;
mod follower;
mod frame;
mod hub;
mod ring;
mod session;
pub mod sse;
mod ticket;
pub mod ws;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{door::Door, hub::Hubs};
use crate::{config::Config, core::Core};

/// Everything that live connections share.
#[derive(Debug)]
pub(crate) struct Realtime {
    core: Core,
    hubs: Arc<Hubs>,
    door: Arc<Door>,
    tasks: TaskTracker,
    stop: CancellationToken,
    max_age: Duration,
}

impl Realtime {
    pub(crate) fn new(
        config: &Config,
        core: Core,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            hubs: Arc::new(Hubs::new(core.clone(), tasks.clone(), stop.clone())),
            door: Arc::new(Door::new(config.edge_sockets_per_owner)),
            core,
            tasks,
            stop,
            max_age: config.edge_socket_max_age,
        }
    }

    /// True once the edge was told to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Open connections.
    pub(crate) fn sockets(&self) -> usize {
        self.door.inside()
    }

    /// Owners who have at least one.
    pub(crate) fn owners(&self) -> usize {
        self.door.owners()
    }
}
