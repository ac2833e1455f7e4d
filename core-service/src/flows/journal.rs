//! Operators look into the journal of deliveries, and ask for some of them again.
//!
//! Invariant: looking changes nothing; asking again is logged with who asked. Bodies are personal data: they
//! leave only where somebody asked for one by its number.

use std::time::Duration;

use super::{Core, Error};
use crate::{
    domain::{
        delivery::{DeliveryId, Progress},
        fact::Element,
        journal::{Entry, JournalQuery, Kept, LOOK, Range, Replay, Replayed, Which},
        time::Timestamp,
    },
    meta,
};

/// How many rows one question looks at, at most.
const LOOKS: u32 = 5 * LOOK;
/// By how much the order of numbers and the order of arrival may differ: how long keeping may take, and how
/// far the clocks of several cores may be apart.
const APART: Duration = Duration::from_secs(10 * 60);

/// A part of the journal.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Which deliveries.
    pub which: Which,
    /// Of which numbers.
    pub range: Range,
    /// Only what came at this time or later.
    pub since: Option<Timestamp>,
    /// Only what came before this time.
    pub until: Option<Timestamp>,
}

impl Part {
    fn has(&self, entry: &Entry) -> bool {
        let Self { which: _, range: _, since, until } = self;
        since.is_none_or(|since| entry.received_at >= since)
            && until.is_none_or(|until| entry.received_at < until)
    }
}

/// Rows, and where there are more.
#[derive(Debug, Clone)]
pub struct Found {
    /// The rows; may be fewer than were asked for though there are more.
    pub rows: Vec<Entry>,
    /// What is left; `None` at the end.
    pub rest: Option<Range>,
}

/// What became of one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Its delivery waits.
    Waits,
    /// It was applied.
    Applied,
    /// Nothing that this version acts on; it is kept.
    Ignored,
    /// It was not applied.
    SetAside(String),
}

/// One element of a delivery, as this version reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its place in the delivery.
    pub number: u32,
    /// What it is.
    pub kind: &'static str,
    /// The business number or account that it is about.
    pub about: Option<String>,
    /// What became of it.
    pub fate: Fate,
}

/// A delivery, element by element.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The delivery.
    pub kept: Kept,
    /// Its elements.
    pub pieces: Vec<Piece>,
}

impl Core {
    /// Up to `limit` rows of a part of the journal.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store is away.
    pub async fn look_into_journal(
        &self,
        part: Part,
        newest_first: bool,
        limit: u32,
    ) -> Result<Found, Error> {
        let (mut rows, mut looked) = (Vec::new(), 0);
        let mut rest = self.bounds(&part).await?;
        while let Some(range) = rest {
            let open = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            if open == 0 || looked >= LOOKS {
                break;
            }
            // One more than is given tells whether there are more.
            let plain = part.since.is_none() && part.until.is_none();
            let ask = if plain { open.saturating_add(1).min(LOOK) } else { LOOK };
            let query = JournalQuery { range, which: part.which, newest_first, limit: ask };
            let found = self.store.deliveries(query).await?;
            let all = found.len() < ask as usize;
            looked += ask;
            let last = found.last().map(|row| row.id);
            let mut fitting = found.into_iter().filter(|row| part.has(row));
            rows.extend(fitting.by_ref().take(open as usize));
            // One more that fits stays for the next page: go on behind the last one that was taken.
            let more = fitting.next().is_some();
            let last = if more { rows.last().map(|row| row.id) } else { last };
            let left = |id| if newest_first { range.below(id) } else { range.above(id) };
            rest = last.filter(|_| more || !all).and_then(left);
        }
        Ok(Found { rows, rest })
    }

    /// One delivery, element by element.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store is away.
    pub async fn show_delivery(&self, id: DeliveryId) -> Result<Option<Shown>, Error> {
        let Some(kept) = self.store.delivery(id).await? else { return Ok(None) };
        let elements = meta::receive::parse(&kept.body).elements;
        let pieces = (0_u32..).zip(&elements);
        let pieces = pieces.map(|(number, element)| piece(&kept.entry, number, element)).collect();
        Ok(Some(Shown { kept, pieces }))
    }

    /// Asks for up to [`LOOK`] deliveries of a range to be applied again; `by` says who asks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store is away; asking again does no harm then.
    pub async fn ask_again(
        &self,
        range: Range,
        only_failed: bool,
        by: &str,
    ) -> Result<Replayed, Error> {
        let replay = Replay { range, only_failed, at: self.clock.now(), limit: LOOK };
        let asked = self.store.replay(replay).await?;
        let (Range { from, to }, count) = (range, asked.asked);
        tracing::info!(
            by,
            from = from.0,
            to = to.0,
            only_failed,
            count,
            "{by} asked for {count} deliveries again"
        );
        Ok(asked)
    }

    /// The numbers between which a part lies: its own, narrowed to the time that is asked for.
    async fn bounds(&self, part: &Part) -> Result<Option<Range>, Error> {
        let Part { which: _, range, since, until } = *part;
        let (mut from, mut to) = (range.from, range.to);
        if since.is_some() || until.is_some() {
            let Some(newest) = self.first_row(Range::ALL, true).await? else { return Ok(None) };
            to = to.min(newest.id);
        }
        let whole = Range { from, to };
        if let Some(since) = since {
            from = self.first_since(whole, since - APART).await?;
        }
        if let Some(until) = until {
            to = to.min(DeliveryId(self.first_since(whole, until + APART).await?.0 - 1));
        }
        Ok((from <= to).then_some(Range { from, to }))
    }

    /// The first number in a range from which on everything came at a time or later: numbers grow with
    /// arrival, so it is found by halving. Above the range when there is none.
    async fn first_since(&self, range: Range, time: Timestamp) -> Result<DeliveryId, Error> {
        let (mut low, mut high) = (range.from.0, range.to.0.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let upper = Range { from: DeliveryId(middle), to: DeliveryId(high - 1) };
            match self.first_row(upper, false).await? {
                Some(row) if row.received_at < time => low = row.id.0.saturating_add(1),
                Some(_) | None => high = middle,
            }
        }
        Ok(DeliveryId(low))
    }

    /// The first row of a range, or the last one.
    async fn first_row(&self, range: Range, newest_first: bool) -> Result<Option<Entry>, Error> {
        let query = JournalQuery { range, which: Which::Every, newest_first, limit: 1 };
        Ok(self.store.deliveries(query).await?.pop())
    }
}

/// What became of an element, by the outcome that was recorded; what it is, by how it is read today.
fn piece(entry: &Entry, number: u32, element: &Element) -> Piece {
    let set_aside = entry.outcome.iter().flat_map(|outcome| outcome.set_aside());
    let aside = set_aside.into_iter().find(|aside| aside.element == number);
    let reason = entry.outcome.as_ref().and_then(|outcome| outcome.reason());
    let fate = match (entry.progress, element) {
        (Progress::Waiting | Progress::Again, _) => Fate::Waits,
        (Progress::GivenUp, _) => Fate::SetAside(reason.unwrap_or_default().to_owned()),
        (Progress::Applied | Progress::InPart, element) => match (aside, element) {
            (Some(aside), _) => Fate::SetAside(aside.reason.clone()),
            (None, Element::Ignored) => Fate::Ignored,
            (None, Element::Fact(_) | Element::Account(_) | Element::Malformed(_)) => Fate::Applied,
        },
    };
    Piece { number, kind: element.kind(), about: element.about(), fate }
}
