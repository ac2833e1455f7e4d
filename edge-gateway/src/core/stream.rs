//! A stream of one owner's log, and the core that it comes from.
//!
//! Invariant: whoever reads it can go on at any other core from the last cursor; so a stream ends as
//! soon as its core falls silent, and may move back when its own core is there again.

use linkojob_proto::v1::SubscribeResponse;
use tonic::{Status, Streaming};

use super::{Core, node::Leaving};

/// An open stream.
#[derive(Debug)]
pub(crate) struct Events {
    pub(super) stream: Streaming<SubscribeResponse>,
    pub(super) leaving: Leaving,
    pub(super) core: Core,
    /// The core that it comes from.
    pub(super) node: usize,
    /// Chooses the core.
    pub(super) key: String,
}

impl Events {
    /// The next frame; none at the end. Safe to cancel.
    pub(crate) async fn message(&mut self) -> Result<Option<SubscribeResponse>, Status> {
        let Self { stream, leaving, core: _, node: _, key: _ } = self;
        tokio::select! {
            biased;
            heard = stream.message() => heard,
            () = leaving.gone() => Err(Status::unavailable("the core fell silent")),
        }
    }

    /// True when another core is the owner's own and serves: where the owner's work is done, news are
    /// known first, and cores that were started again get their share back.
    pub(crate) fn is_astray(&self) -> bool {
        self.core.home(&self.key).is_some_and(|home| home != self.node)
    }
}
