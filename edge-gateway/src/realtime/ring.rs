//! The newest frames of one owner: at most 1,024 of them and 1 MiB.
//!
//! The ring is every connection's queue. A connection remembers the number of the next frame it
//! wants; when the ring no longer has that number, the connection is too slow. So a slow one costs
//! no memory of its own.

use std::{collections::VecDeque, sync::Arc};

use super::frame::{Cursor, Frame};

const MAX_FRAMES: usize = 1_024;
const MAX_BYTES: usize = 1024 * 1024;

/// What the ring has at a number.
#[derive(Debug)]
pub(super) enum At {
    /// This frame.
    Frame(Arc<Frame>),
    /// Nothing yet.
    NotYet,
    /// It is gone.
    Gone,
}

#[derive(Debug, Default)]
pub(super) struct Ring {
    frames: VecDeque<Arc<Frame>>,
    /// Number of the oldest frame.
    first: u64,
    bytes: usize,
    /// The place just before the oldest frame.
    base: Option<Cursor>,
}

impl Ring {
    /// Where the log was when nothing had come yet.
    pub(super) fn start(&mut self, cursor: Cursor) {
        if self.frames.is_empty() {
            self.base = Some(cursor);
        }
    }

    pub(super) fn push(&mut self, frame: Arc<Frame>) {
        self.bytes += frame.size();
        self.frames.push_back(frame);
        while self.frames.len() > MAX_FRAMES || (self.bytes > MAX_BYTES && self.frames.len() > 1) {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.first += 1;
            self.bytes -= oldest.size();
            if let Some(cursor) = oldest.cursor() {
                self.base = Some(Arc::clone(cursor));
            }
        }
    }

    pub(super) fn at(&self, number: u64) -> At {
        let Some(index) = number.checked_sub(self.first) else { return At::Gone };
        let frame = usize::try_from(index).ok().and_then(|index| self.frames.get(index));
        frame.map_or(At::NotYet, |frame| At::Frame(Arc::clone(frame)))
    }

    /// The number after the frame with this cursor: where a reader who has come so far goes on.
    pub(super) fn after(&self, cursor: &str) -> Option<u64> {
        let place =
            self.frames.iter().rposition(|frame| frame.cursor().is_some_and(|c| **c == *cursor));
        match place {
            Some(index) => Some(self.first + index as u64 + 1),
            None => (self.base.as_deref() == Some(cursor)).then_some(self.first),
        }
    }

    /// Number of the oldest frame.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Number of the frame that comes next.
    pub(super) fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(n: usize) -> Arc<Frame> {
        Arc::new(Frame::heartbeat(format!("c{n}").into()))
    }

    #[test]
    fn a_reader_goes_on_after_the_cursor_that_it_has() {
        let mut ring = Ring::default();
        assert_eq!(ring.after("c0"), None);
        ring.start("c0".into());
        assert_eq!(ring.after("c0"), Some(0));
        ring.push(frame(1));
        ring.push(Arc::new(Frame::pong()));
        ring.push(frame(2));
        assert_eq!(ring.after("c0"), Some(0));
        assert_eq!(ring.after("c1"), Some(1));
        assert_eq!(ring.after("c2"), Some(3));
        assert_eq!(ring.after("c9"), None);
        assert!(matches!(ring.at(3), At::NotYet));
    }

    #[test]
    fn the_oldest_go_first_and_their_readers_are_too_slow() {
        let mut ring = Ring::default();
        for n in 1..=MAX_FRAMES + 10 {
            ring.push(frame(n));
        }
        assert_eq!(ring.first(), 10);
        assert!(matches!(ring.at(9), At::Gone));
        assert!(matches!(ring.at(10), At::Frame(_)));
        assert_eq!(ring.after("c10"), Some(10), "the base is the last one that went");
        assert_eq!(ring.after("c9"), None);
    }

    #[test]
    fn bytes_are_bounded_and_one_frame_always_fits() {
        let mut ring = Ring::default();
        for n in 0..20 {
            ring.push(Arc::new(Frame::heartbeat(format!("{n}{}", "x".repeat(300_000)).into())));
        }
        assert!(ring.bytes <= MAX_BYTES && ring.frames.len() == 3);
        ring.push(Arc::new(Frame::heartbeat("y".repeat(2 * MAX_BYTES).into())));
        assert_eq!(ring.frames.len(), 1);
    }
}
