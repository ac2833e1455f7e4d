//! `core-service journal list`.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::{columns::table, row};
use crate::{
    cli::say::{Heard, say},
    config::Listing,
    domain::{
        journal::{Entry, Range},
        page,
    },
    flows::{
        Core,
        journal::{Found, Part},
    },
};

const HEADINGS: [&str; 7] = ["NUMBER", "RECEIVED", "STATE", "TRIES", "BYTES", "SET ASIDE", "WHY"];

pub(super) async fn run(
    core: &Core,
    listing: Listing,
    stop: &CancellationToken,
) -> Result<ExitCode, String> {
    let Listing { which, since, until, limit, oldest_first, json } = listing;
    let now = core.clock.now();
    let (since, until) = (since.map(|when| when.seen(now)), until.map(|when| when.seen(now)));
    let (mut rest, mut left, mut table) = (Some(Range::ALL), limit, Vec::new());
    while let Some(range) = rest.filter(|_| left > 0 && !stop.is_cancelled()) {
        let part = Part { which, range, since, until };
        let found = core.look_into_journal(part, !oldest_first, left.min(page::MAX)).await;
        let Found { rows, rest: more } = found.map_err(|error| error.to_string())?;
        left = left.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        rest = more;
        if !json {
            table.extend(rows.iter().map(cells));
        } else if lines(&rows)? == Heard::No {
            return Ok(ExitCode::SUCCESS);
        }
    }
    if !json && say(in_words(&table).as_bytes())? == Heard::No {
        return Ok(ExitCode::SUCCESS);
    }
    if rest.is_some() {
        eprintln!("journal: there are more; --limit asks for them");
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(rows: &[[String; 7]]) -> String {
    if rows.is_empty() { "no deliveries\n".to_owned() } else { table(HEADINGS, rows) }
}

fn lines(rows: &[Entry]) -> Result<Heard, String> {
    let text: String = rows.iter().map(|entry| format!("{}\n", row::json(entry))).collect();
    say(text.as_bytes())
}

fn cells(entry: &Entry) -> [String; 7] {
    let set_aside = entry.outcome.as_ref().map_or(0, |outcome| outcome.set_aside().len());
    [
        entry.id.0.to_string(),
        row::time(entry.received_at),
        row::progress(entry.progress).to_owned(),
        entry.attempts.to_string(),
        entry.size.to_string(),
        set_aside.to_string(),
        row::why(entry),
    ]
}
