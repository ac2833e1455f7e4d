//! What an operator asks of the journal.
//!
//! Invariant: what to replay is always named: one delivery, a range, or what failed.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime};
use clap::{Subcommand, ValueEnum};

use super::{Args, retention::duration};
use crate::domain::{
    delivery::DeliveryId,
    journal::{Range, Which},
    time::Timestamp,
};

/// What to do with the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalTask {
    /// List deliveries.
    List(Listing),
    /// Show one delivery.
    Show {
        /// Which.
        id: DeliveryId,
        /// With its body.
        body: bool,
        /// For programs.
        json: bool,
    },
    /// Have deliveries applied again.
    Replay(Replaying),
}

/// Which deliveries to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// How far they came.
    pub which: Which,
    /// Only what came since.
    pub since: Option<When>,
    /// Only what came before.
    pub until: Option<When>,
    /// At most so many.
    pub limit: u32,
    /// The oldest first, else the newest.
    pub oldest_first: bool,
    /// For programs.
    pub json: bool,
}

/// Which deliveries to apply again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaying {
    /// Of which numbers.
    pub range: Range,
    /// Only what failed.
    pub only_failed: bool,
    /// Only count.
    pub dry_run: bool,
}

/// A time that an operator names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// That one.
    At(Timestamp),
    /// So long ago.
    Ago(Duration),
}

impl When {
    /// The time, as seen now.
    pub fn seen(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(ago) => now - ago,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum JournalArgs {
    /// List deliveries, newest first.
    List(Box<ListArgs>),
    /// Show what a delivery says, element by element, and what became of it.
    Show(Box<ShowArgs>),
    /// Have deliveries applied again, behind what comes meanwhile. What was applied before stays as it is.
    Replay(Box<ReplayArgs>),
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// Given up, or applied but for elements that were set aside.
    Failed,
    /// Not applied yet.
    Waiting,
    /// Applied whole.
    Applied,
}

#[derive(clap::Args)]
pub(super) struct ListArgs {
    /// Only deliveries that came so far.
    #[arg(long)]
    state: Option<State>,
    /// Only what came since: 2026-08-21T02:00:00Z, 2026-08-21, or 90m, 12h, 3d ago.
    #[arg(long, value_parser = when)]
    since: Option<When>,
    /// Only what came before.
    #[arg(long, value_parser = when)]
    until: Option<When>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Begin with the oldest.
    #[arg(long)]
    oldest_first: bool,
    /// One JSON object for each, on a line of its own.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Args,
}

#[derive(clap::Args)]
pub(super) struct ShowArgs {
    /// Number of the delivery.
    #[arg(value_parser = number)]
    id: DeliveryId,
    /// Print the body too, as it was received. It is personal data.
    #[arg(long)]
    body: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Args,
}

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["id", "from", "failed"])))]
pub(super) struct ReplayArgs {
    /// This delivery.
    #[arg(long, value_parser = number, conflicts_with_all = ["from", "to", "failed"])]
    id: Option<DeliveryId>,
    /// From this number on.
    #[arg(long, value_parser = number)]
    from: Option<DeliveryId>,
    /// Up to this number.
    #[arg(long, value_parser = number)]
    to: Option<DeliveryId>,
    /// Only what was given up or applied in part; all of that, unless numbers are named too.
    #[arg(long)]
    failed: bool,
    /// Change nothing, only count what there is to do.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    settings: Args,
}

impl JournalArgs {
    /// What is asked, and the settings that stand behind it.
    pub(super) fn read(self) -> (JournalTask, Args) {
        match self {
            Self::List(args) => {
                let ListArgs { state, since, until, limit, oldest_first, json, settings } = *args;
                let which = match state {
                    None => Which::Every,
                    Some(State::Failed) => Which::Failed,
                    Some(State::Waiting) => Which::Waiting,
                    Some(State::Applied) => Which::Applied,
                };
                let listing = Listing { which, since, until, limit, oldest_first, json };
                (JournalTask::List(listing), settings)
            }
            Self::Show(args) => {
                let ShowArgs { id, body, json, settings } = *args;
                (JournalTask::Show { id, body, json }, settings)
            }
            Self::Replay(args) => {
                let ReplayArgs { id, from, to, failed, dry_run, settings } = *args;
                let range = match id {
                    Some(id) => Range::one(id),
                    None => Range {
                        from: from.unwrap_or(Range::ALL.from),
                        to: to.unwrap_or(Range::ALL.to),
                    },
                };
                (JournalTask::Replay(Replaying { range, only_failed: failed, dry_run }), settings)
            }
        }
    }
}

fn number(text: &str) -> Result<DeliveryId, String> {
    let number = text.parse().ok().filter(|number| *number >= 0).map(DeliveryId);
    number.ok_or_else(|| "must be the number of a delivery".to_owned())
}

/// Reads a time, a day (its first moment, UTC), or how long ago.
fn when(text: &str) -> Result<When, String> {
    let at = |millis| When::At(Timestamp::from_millis(millis));
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(at(time.timestamp_millis()));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(at(day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()));
    }
    duration(text).map(When::Ago).map_err(|_| {
        "must be a time such as 2026-08-21T02:00:00Z, a day such as 2026-08-21, or 90m, 12h, 3d ago"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_named_in_three_ways() {
        let at = |millis| Ok(When::At(Timestamp::from_millis(millis)));
        assert_eq!(when("1970-01-01T00:00:01Z"), at(1_000));
        assert_eq!(when("1970-01-01T01:00:01.5+01:00"), at(1_500));
        assert_eq!(when("1970-01-02"), at(86_400_000));
        assert_eq!(when("90m"), Ok(When::Ago(Duration::from_secs(5_400))));
        for wrong in ["", "yesterday", "2026-13-01", "12", "-1h"] {
            assert!(when(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_number_is_not_negative() {
        assert_eq!(number("7"), Ok(DeliveryId(7)));
        for wrong in ["", "-1", "x", "9223372036854775808"] {
            assert!(number(wrong).is_err(), "{wrong:?}");
        }
    }
}
