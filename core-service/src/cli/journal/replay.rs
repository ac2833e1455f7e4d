//! `core-service journal replay`.
//!
//! Invariant: it only asks. The cores let in what was asked for a little at a time, behind what comes by
//! itself, so that however much is named nobody who writes now waits for it.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use crate::{
    cli::say::say,
    config::Replaying,
    domain::journal::{JournalQuery, LOOK, Range, Replayed, Which},
    flows::{Core, Error},
};

/// Who asks, in the log.
const BY: &str = "the command line";

pub(super) async fn run(
    core: &Core,
    replaying: Replaying,
    stop: &CancellationToken,
) -> Result<ExitCode, String> {
    let Replaying { range, only_failed, dry_run } = replaying;
    let (mut rest, mut count) = (Some(range), 0_u64);
    while let Some(range) = rest {
        let mut step = Ok((0, None));
        if !stop.is_cancelled() {
            step = if dry_run {
                look(core, range, only_failed).await
            } else {
                ask(core, range, only_failed).await
            };
        }
        let (asked, next) = step.map_err(|error| {
            format!("{count} deliveries asked for, the rest not; run it again: {error}")
        })?;
        count += u64::from(asked);
        rest = next;
        if rest.is_some() {
            eprintln!("journal: {count} deliveries so far");
        }
    }
    let what = if count == 1 { "delivery" } else { "deliveries" };
    let line = match (dry_run, count) {
        (true, _) => format!("{count} {what} would be applied again\n"),
        (false, 1) => format!("{count} {what} is to be applied again\n"),
        (false, _) => format!("{count} {what} are to be applied again\n"),
    };
    say(line.as_bytes())?;
    if stop.is_cancelled() {
        return Err("stopped before the end; run it again".to_owned());
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for some; how many, and where to go on.
async fn ask(core: &Core, range: Range, only_failed: bool) -> Result<(u32, Option<Range>), Error> {
    let Replayed { asked, last } = core.ask_again(range, only_failed, BY).await?;
    Ok((asked, last.and_then(|last| range.above(last))))
}

/// Counts some; how many, and where to go on.
async fn look(core: &Core, range: Range, only_failed: bool) -> Result<(u32, Option<Range>), Error> {
    let which = if only_failed { Which::Failed } else { Which::Every };
    let query = JournalQuery { range, which, newest_first: false, limit: LOOK };
    let rows = core.store.deliveries(query).await?;
    let waits = |progress| Which::Waiting.progresses().contains(&progress);
    let count = rows.iter().filter(|row| !waits(row.progress)).count();
    let last = rows.last().filter(|_| rows.len() == LOOK as usize);
    Ok((u32::try_from(count).unwrap_or(u32::MAX), last.and_then(|last| range.above(last.id))))
}
