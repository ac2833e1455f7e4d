//! How long things are kept.

use std::time::Duration;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Entries of the owners' logs.
    pub events: Duration,
    /// Deliveries that were applied, and statuses whose message never came.
    pub journal: Duration,
}

#[derive(clap::Args)]
pub(super) struct RetentionArgs {
    /// How long events can be resumed from: `12h`, `30d`.
    #[arg(long, env = "EVENT_RETENTION", default_value = "30d", value_parser = duration)]
    event_retention: Duration,
    /// How long Meta's deliveries are kept after they were applied.
    #[arg(long, env = "JOURNAL_RETENTION", default_value = "30d", value_parser = duration)]
    journal_retention: Duration,
}

impl RetentionArgs {
    pub(super) const fn read(self) -> Retention {
        let Self { event_retention, journal_retention } = self;
        Retention { events: event_retention, journal: journal_retention }
    }
}

/// Reads a number of minutes, hours or days; at least a minute, at most ten years.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "must be minutes, hours or days such as 90m, 12h or 30d".to_owned();
    let unit = text.char_indices().next_back().ok_or_else(wrong)?;
    let seconds = match unit.1 {
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..unit.0].parse().map_err(|_| wrong())?;
    let whole = count.checked_mul(seconds).filter(|seconds| *seconds <= 3653 * 24 * 60 * 60);
    match whole {
        Some(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        Some(0) | None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_has_a_unit_and_bounds() {
        assert_eq!(duration("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(duration("90m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "d", "30", "0d", "-1h", "1w", "99999999999999999999d", "4000d", "1é"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }
}
