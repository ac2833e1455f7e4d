//! Reads one owner's log for one connection: pages until it meets the hub's ring, then follows the
//! ring.
//!
//! Invariant: every event after the start is given once, in order. The switch happens only at a
//! cursor that the reader has reached and the ring has too; until then it pages again, which is
//! always right, only dearer.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use linkojob_proto::v1::{ListEventsRequest, ListEventsResponse};
use tokio::time::{sleep, timeout};
use tonic::Code;

use super::{
    close::Close,
    frame::{Cursor, Frame},
    hub::Membership,
};
use crate::{
    core::{Call, Core},
    identity::Caller,
};

const PAGE: i32 = 100;
/// While the hub has not come as far as the pages, the next page is asked for this often.
const MEETING: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_millis(200);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// A reader at its place.
#[derive(Debug)]
pub(super) struct Follower {
    core: Core,
    call: Call,
    owner: String,
    hub: Membership,
    position: Cursor,
    mode: Mode,
}

#[derive(Debug)]
enum Mode {
    /// Catching up by pages; `more` is known to follow what is queued.
    Paging { queue: VecDeque<Arc<Frame>>, more: bool, retry: Duration },
    /// Following the ring.
    Live { next: u64 },
}

impl Follower {
    pub(super) fn new(core: Core, caller: &Caller, hub: Membership, position: Cursor) -> Self {
        let mode = Mode::paging(VecDeque::new(), false);
        Self { core, call: caller.call(), owner: caller.owner(), hub, position, mode }
    }

    /// The place reached.
    pub(super) fn position(&self) -> &Cursor {
        &self.position
    }

    /// The next frame. Safe to cancel: nothing is taken before it can be given.
    pub(super) async fn next(&mut self) -> Result<Arc<Frame>, Close> {
        loop {
            match &mut self.mode {
                Mode::Live { next } => {
                    let number = *next;
                    let frame = self.hub.frame(number).await.ok_or(Close::TooSlow)?;
                    *next += 1;
                    if !self.hub.is_past(number, &frame) {
                        return Ok(self.reach(frame));
                    }
                }
                Mode::Paging { queue, more, retry: _ } => {
                    if let Some(frame) = queue.pop_front() {
                        return Ok(self.reach(frame));
                    }
                    match self.hub.after(&self.position) {
                        Some(next) if !*more => self.mode = Mode::Live { next },
                        Some(_) | None => self.page().await?,
                    }
                }
            }
        }
    }

    /// Waits until this reader, who is busy sending, has fallen out of the ring. Catching up is
    /// pulled page by page and is never too slow.
    pub(super) async fn fell_behind(&mut self) {
        match self.mode {
            Mode::Live { next } => self.hub.lost(next).await,
            Mode::Paging { .. } => std::future::pending().await,
        }
    }

    fn reach(&mut self, frame: Arc<Frame>) -> Arc<Frame> {
        if let Some(cursor) = frame.cursor() {
            self.position = Arc::clone(cursor);
        }
        frame
    }

    /// Asks for the page after the position and queues it, or waits when there is none.
    async fn page(&mut self) -> Result<(), Close> {
        let (owner, after) = (self.owner.clone(), self.position.to_string());
        let request = ListEventsRequest { owner, after, page_size: PAGE };
        let page = match self.core.list_events(&self.call, request).await {
            Ok(page) => page,
            Err(status) if status.code() == Code::PermissionDenied => {
                return Err(Close::NotAllowed);
            }
            // The cursor was good and no longer is: whoever comes again is told so before the start.
            Err(status) if status.code() == Code::InvalidArgument => return Err(Close::GoingAway),
            Err(_) => return self.pause().await,
        };
        let ListEventsResponse { events, next_cursor, reset, more } = page;
        if reset {
            let frame = Arc::new(Frame::reset(next_cursor.into()));
            self.mode = Mode::paging(VecDeque::from([frame]), false);
        } else if events.is_empty() {
            self.mode = Mode::paging(VecDeque::new(), false);
            self.position = next_cursor.into();
            if self.hub.after(&self.position).is_none() {
                // Either the hub comes this far or something new can be paged; both end the wait.
                let _met = timeout(MEETING, self.hub.changed()).await;
            }
        } else {
            let queue: VecDeque<_> = events.into_iter().filter_map(Frame::shown).collect();
            if queue.is_empty() {
                self.position = next_cursor.into();
            }
            self.mode = Mode::paging(queue, more);
        }
        Ok(())
    }

    /// The core is away: the connection stays, the reader tries again.
    async fn pause(&mut self) -> Result<(), Close> {
        if let Mode::Paging { queue: _, more: _, retry } = &mut self.mode {
            let wait = *retry;
            *retry = (*retry * 2).min(LAST_RETRY);
            sleep(wait).await;
        }
        Ok(())
    }
}

impl Mode {
    fn paging(queue: VecDeque<Arc<Frame>>, more: bool) -> Self {
        Self::Paging { queue, more, retry: FIRST_RETRY }
    }
}
