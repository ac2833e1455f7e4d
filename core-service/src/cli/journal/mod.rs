//! `core-service journal`: what Meta delivered, what became of it, and applying it again.
//!
//! It opens the store directly. On MongoDB it runs beside the cores, which do the applying; the embedded store
//! is its core's alone, so that one is stopped first, and applies again once it is started.
//!
//! Invariant: listing and showing change nothing, and a body is printed only when it is asked for.

mod columns;
mod list;
mod replay;
mod row;
mod show;

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::open::open;
use crate::config::{Config, JournalTask};

/// Carries the command out: what was found goes to standard output, progress to standard error.
///
/// # Errors
/// One line, when the store does not open or goes away.
pub async fn run(
    config: Config,
    task: JournalTask,
    stop: CancellationToken,
) -> Result<ExitCode, String> {
    let app = open(config, stop.clone()).await?;
    let core = app.core();
    let done = match task {
        JournalTask::List(listing) => list::run(core, listing, &stop).await,
        JournalTask::Show { id, body, json } => show::run(core, id, body, json).await,
        JournalTask::Replay(replaying) => replay::run(core, replaying, &stop).await,
    };
    core.store.close().await;
    done
}
