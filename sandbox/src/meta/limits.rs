//! Meta's send limits, on business time: two rates, and how many people a portfolio reaches.
//!
//! Invariant: a refused message costs nothing, and the map of buckets stays bounded, because a full
//! bucket is the same as no bucket.

use std::collections::HashMap;

use super::number::WaNumber;

/// One message in six seconds to one person, 45 of them may be borrowed from the future.
const PAIR: Rate = Rate { every_us: 6_000_000, burst: 45 };
/// Eighty messages a second from one number.
const NUMBER: Rate = Rate { every_us: 12_500, burst: 80 };
const DAY_MS: i64 = 86_400_000;
/// Buckets kept before the full ones are swept out.
const SWEEP_AT: usize = 100_000;

/// Which limit a message ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Too many messages to one person: 131056.
    Pair,
    /// Too many messages from one number: 130429.
    Number,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    every_us: i64,
    burst: i64,
}

impl Rate {
    /// The theoretical arrival time after one more message, or nothing when that is too many.
    fn take(self, arrival_us: i64, now_us: i64) -> Option<i64> {
        let arrival = arrival_us.max(now_us);
        (arrival - now_us <= (self.burst - 1) * self.every_us).then_some(arrival + self.every_us)
    }
}

/// All buckets.
#[derive(Debug, Default)]
pub struct Limits {
    pairs: HashMap<(String, WaNumber), i64>,
    numbers: HashMap<String, i64>,
    /// Whom a portfolio wrote to first, and when.
    reached: HashMap<String, HashMap<WaNumber, i64>>,
}

impl Limits {
    /// Takes one message out of both buckets, or out of none.
    ///
    /// # Errors
    /// The limit that forbids it.
    pub fn take(&mut self, sender: &str, to: &WaNumber, now_ms: i64) -> Result<(), Exceeded> {
        let now_us = now_ms * 1000;
        let pair = (sender.to_owned(), to.clone());
        let in_pair = self.pairs.get(&pair).copied().unwrap_or(i64::MIN);
        let in_number = self.numbers.get(sender).copied().unwrap_or(i64::MIN);
        let next_in_pair = PAIR.take(in_pair, now_us).ok_or(Exceeded::Pair)?;
        let next_in_number = NUMBER.take(in_number, now_us).ok_or(Exceeded::Number)?;
        if self.pairs.len() >= SWEEP_AT {
            self.pairs.retain(|_, arrival| *arrival > now_us);
        }
        self.pairs.insert(pair, next_in_pair);
        self.numbers.insert(sender.to_owned(), next_in_number);
        Ok(())
    }

    /// Counts somebody that a portfolio writes to first, by whichever of its numbers; answers whether
    /// that is still within the limit of 24 hours.
    pub fn reach(&mut self, business_id: &str, to: &WaNumber, limit: u32, now_ms: i64) -> bool {
        let reached = self.reached.entry(business_id.to_owned()).or_default();
        reached.retain(|_, at| *at > now_ms - DAY_MS);
        if reached.contains_key(to) {
            return true;
        }
        let free = reached.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        if free {
            reached.insert(to.clone(), now_ms);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_000_000;

    fn number(text: &str) -> WaNumber {
        WaNumber::parse(text).expect("a number")
    }

    #[test]
    fn a_pair_may_borrow_45_and_earns_one_in_six_seconds() {
        let (mut limits, ana) = (Limits::default(), number("16505551234"));
        for n in 0..45 {
            assert_eq!(limits.take("1", &ana, NOW), Ok(()), "message {n}");
        }
        assert_eq!(limits.take("1", &ana, NOW), Err(Exceeded::Pair));
        assert_eq!(limits.take("1", &number("16505550000"), NOW), Ok(()), "others are free");
        assert_eq!(limits.take("1", &ana, NOW + 5_999), Err(Exceeded::Pair));
        assert_eq!(limits.take("1", &ana, NOW + 6_000), Ok(()));
        assert_eq!(limits.take("1", &ana, NOW + 6_000), Err(Exceeded::Pair));
        assert_eq!(limits.take("1", &ana, NOW + 25 * 3_600_000), Ok(()), "the clock moved");
    }

    #[test]
    fn a_portfolio_reaches_so_many_people_in_a_day() {
        let (mut limits, ana) = (Limits::default(), number("16505551234"));
        assert!(limits.reach("1", &ana, 1, NOW));
        assert!(limits.reach("1", &ana, 1, NOW + 5), "the same person counts once");
        assert!(!limits.reach("1", &number("16505550000"), 1, NOW));
        assert!(limits.reach("2", &number("16505550000"), 1, NOW), "another portfolio");
        assert!(limits.reach("1", &number("16505550000"), 1, NOW + DAY_MS));
    }

    #[test]
    fn a_number_sends_eighty_a_second_in_all() {
        let mut limits = Limits::default();
        for n in 0..80 {
            assert_eq!(limits.take("1", &number(&format!("1650555{n:04}")), NOW), Ok(()));
        }
        let next = number("16505559999");
        assert_eq!(limits.take("1", &next, NOW), Err(Exceeded::Number));
        assert_eq!(limits.take("2", &next, NOW), Ok(()), "another number");
        assert_eq!(limits.take("1", &next, NOW + 13), Ok(()));
    }
}
