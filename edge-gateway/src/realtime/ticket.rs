//! Admission: everything that can be refused is refused before the connection is opened.

use linkojob_proto::v1::{GetPositionRequest, GetPositionResponse};

use super::{Realtime, door::Place, frame::Cursor};
use crate::{
    identity::Caller,
    problem::{Name, Problem},
};

/// A connection that has been admitted but not yet opened: its cursor is true and it has a place.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) caller: Caller,
    pub(super) place: Place,
    pub(super) start: Cursor,
    /// The cursor that was brought is older than what is kept.
    pub(super) reset: bool,
}

impl Ticket {
    /// Checks the cursor and takes a place, before anything is promised to the other side.
    pub(super) async fn take(
        realtime: &Realtime,
        caller: &Caller,
        after: String,
    ) -> Result<Self, Problem> {
        if realtime.is_draining() {
            return Err(Problem::unavailable("the edge drains"));
        }
        let place = realtime.door.enter(caller.subject()).ok_or_else(|| {
            Problem::new(Name::RateLimited, "This owner has too many open connections.")
        })?;
        let request = GetPositionRequest { owner: caller.owner(), after: after.clone() };
        let answer = realtime.core.get_position(&caller.call(), request).await?;
        let GetPositionResponse { cursor, reset } = answer;
        let start = if after.is_empty() || reset { cursor } else { after };
        Ok(Self { caller: caller.clone(), place, start: start.into(), reset })
    }
}
