//! `core-service reseal`: every secret at rest comes under the first key.
//!
//! Invariant: it may be stopped and run again at any time; only what failed makes it fail.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::open::open;
use crate::{
    config::Config,
    flows::{
        Core, Error,
        reseal::{Mode, Resealed, Tally},
    },
};

/// How many clients pass between two lines about progress.
const LINE_EVERY: u64 = 1_000;

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At the last client.
    Whole,
    /// It was stopped.
    Stopped,
}

/// Carries the command out: progress goes to standard error, the numbers to standard output.
///
/// # Errors
/// One line, when the store does not open or goes away, or when it was stopped.
pub async fn run(config: Config, mode: Mode, stop: CancellationToken) -> Result<ExitCode, String> {
    let app = open(config, stop.clone()).await?;
    let core = app.core();
    let mut tally = Tally::default();
    let end = walk(core, mode, &stop, &mut tally, &mut |line| eprintln!("reseal: {line}")).await;
    core.store.close().await;
    println!("{}", line(mode, tally));
    match end {
        Ok(End::Whole) if tally.failed == 0 => Ok(ExitCode::SUCCESS),
        Ok(End::Whole) => Ok(ExitCode::FAILURE),
        Ok(End::Stopped) => Err("stopped before the end; run it again".to_owned()),
        Err(error) => Err(format!("not finished, run it again: {error}")),
    }
}

/// Walks over all clients. What was done so far is in `tally`, however it ends.
///
/// # Errors
/// When the store does not give the next page.
pub async fn walk(
    core: &Core,
    mode: Mode,
    stop: &CancellationToken,
    tally: &mut Tally,
    say: &mut (dyn FnMut(&str) + Send),
) -> Result<End, Error> {
    let mut after = None;
    while !stop.is_cancelled() {
        let before = tally.clients / LINE_EVERY;
        let Resealed { tally: page, failures, next } = core.reseal(after, mode).await?;
        tally.add(page);
        for failure in failures {
            say(&format!("client {}: {}", failure.client, failure.why));
        }
        if next.is_none() {
            return Ok(End::Whole);
        }
        after = next;
        if tally.clients / LINE_EVERY > before {
            say(&line(mode, *tally));
        }
    }
    Ok(End::Stopped)
}

/// The numbers in a line.
pub fn line(mode: Mode, tally: Tally) -> String {
    let Tally { clients, resealed, current, forgotten, failed } = tally;
    let (done, gone) = match mode {
        Mode::Write => ("resealed", "of deleted clients forgotten"),
        Mode::Count => ("to reseal", "of deleted clients to forget"),
    };
    let gone = if forgotten > 0 { format!(", {forgotten} {gone}") } else { String::new() };
    format!(
        "secrets of {clients} clients: {resealed} {done}, {current} already current{gone}, \
         {failed} failed"
    )
}
