//! Small pieces of every conversion from the core's messages.

use chrono::{DateTime, SecondsFormat};
use prost_types::Timestamp;

use crate::problem::Problem;

/// A message of the core that lacks what it always has, or uses a word that this edge does not
/// know: the two are of different versions.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the core's answer has no readable {0}")]
pub struct Malformed(pub &'static str);

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::unexpected(malformed.to_string())
    }
}

/// The part that is always there.
pub(crate) fn present<T>(part: Option<T>, name: &'static str) -> Result<T, Malformed> {
    part.ok_or(Malformed(name))
}

/// The word behind an enum's number.
pub(crate) fn word<T: TryFrom<i32>>(number: i32, name: &'static str) -> Result<T, Malformed> {
    T::try_from(number).map_err(|_| Malformed(name))
}

/// RFC 3339, UTC, milliseconds.
pub(crate) fn time(at: Option<Timestamp>, name: &'static str) -> Result<String, Malformed> {
    let at = present(at, name)?;
    let nanos = u32::try_from(at.nanos).map_err(|_| Malformed(name))?;
    let at = present(DateTime::from_timestamp(at.seconds, nanos), name)?;
    Ok(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The same for a time that may be absent.
pub(crate) fn time_or_none(
    at: Option<Timestamp>,
    name: &'static str,
) -> Result<Option<String>, Malformed> {
    at.map(|at| time(Some(at), name)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        let at = Timestamp { seconds: 1_700_000_000, nanos: 7_999_999 };
        assert_eq!(time(Some(at), "at").expect("time"), "2023-11-14T22:13:20.007Z");
        assert!(time(None, "at").is_err());
        assert!(time(Some(Timestamp { seconds: i64::MAX, nanos: 0 }), "at").is_err());
    }
}
