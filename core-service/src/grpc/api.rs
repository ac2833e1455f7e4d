//! What every service is made of: the core, and the tasks that outlive their callers.

use std::{future::Future, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Status};
use tracing::Instrument as _;

use super::{auth::Caller, status};
use crate::flows::{Core, Error};

/// The one value behind all services; each service is one file that implements its trait for it.
pub(super) struct Api {
    /// The flows.
    pub(super) core: Arc<Core>,
    /// What has begun and must end, whoever waits for it.
    pub(super) tasks: TaskTracker,
    /// Ends streams.
    pub(super) stop: CancellationToken,
}

impl Api {
    /// Runs a flow that commits, or that talks to Meta. A handler is dropped when its caller leaves; a
    /// flow that has begun goes on to its end all the same.
    pub(super) async fn run<T, F>(&self, flow: impl FnOnce(Arc<Core>) -> F) -> Result<T, Status>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let task = self.tasks.spawn(flow(Arc::clone(&self.core)).in_current_span());
        match task.await {
            Ok(outcome) => outcome.map_err(status::of),
            Err(failed) => Err(status::unexpected(&failed.to_string())),
        }
    }
}

/// Takes a call apart into who makes it and what is asked.
pub(super) fn open<T>(mut request: Request<T>) -> Result<(Caller, T), Status> {
    // The gate puts a caller into every request that it lets through.
    let caller = request.extensions_mut().remove::<Caller>().ok_or_else(status::not_permitted)?;
    Ok((caller, request.into_inner()))
}
