//! Waiting for something that can only be asked for.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Error;

/// Short against what is waited for (an election, a start), long against what asking costs.
const PAUSE: Duration = Duration::from_millis(20);

/// What one look found.
pub(crate) enum Seen<T> {
    /// What was waited for.
    Yes(T),
    /// Something else; said when time is up.
    NotYet(String),
}

/// Looks until there is something to return, for at most `limit`.
pub(crate) async fn until<T>(
    what: &'static str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Seen<T>, Error>,
) -> Result<T, Error> {
    let end = Instant::now() + limit;
    loop {
        match look().await? {
            Seen::Yes(found) => return Ok(found),
            Seen::NotYet(seen) if Instant::now() >= end => {
                return Err(Error::TooLate { what, limit, seen });
            }
            Seen::NotYet(_) => sleep(PAUSE).await,
        }
    }
}
