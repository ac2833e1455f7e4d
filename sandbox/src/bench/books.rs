//! The books: what was said to be done must be there, once.

use std::collections::BTreeMap;

use super::{drain, error::BenchError, http::number, load::Tally, scene::Scene, target::Target};

/// What each request of a load causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caused {
    /// So many inbound messages at the recruiters.
    Inbound(u64),
    /// One message at Meta.
    Sends,
}

/// What the two sides have counted.
#[derive(Clone, Debug)]
pub(super) struct Books {
    /// Unread messages at the recruiters.
    unread: u64,
    /// Messages that Meta accepted.
    pub(super) accepted: u64,
    /// Requests that Meta refused, by code.
    refused: BTreeMap<String, u64>,
    /// Webhooks that Meta gave up.
    given_up: u64,
}

impl Books {
    pub(super) async fn read(target: &Target, scene: &Scene) -> Result<Self, BenchError> {
        let what = "reading Meta's ledger";
        let ledger = drain::ledger(target).await?;
        let deliveries = drain::deliveries(target).await?;
        let codes = ledger["refusedByCode"].as_object().into_iter().flatten();
        Ok(Self {
            unread: scene.unread(target).await?,
            accepted: number(&ledger, "count", what)?,
            refused: codes.filter_map(|(code, n)| Some((code.clone(), n.as_u64()?))).collect(),
            given_up: number(&deliveries, "failed", "reading Meta's webhooks")?,
        })
    }

    /// Holds a load, and the markers after it, against what was counted since.
    pub(super) fn check(
        &self,
        after: &Self,
        caused: Caused,
        tally: &Tally,
        markers: u64,
    ) -> Result<(), BenchError> {
        let (done, unsure) = (tally.done(), tally.faulty());
        let (inbound, sent) = match caused {
            Caused::Inbound(each) => ((done * each, unsure * each), (0, 0)),
            Caused::Sends => ((0, 0), (done, unsure)),
        };
        let grown = |of: fn(&Self) -> u64| of(after).saturating_sub(of(self));
        let counts = [
            ("applied inbound messages", grown(|b| b.unread), inbound.0 + markers, inbound.1),
            ("messages in Meta's ledger", grown(|b| b.accepted), sent.0, sent.1),
            ("webhooks that Meta gave up", grown(|b| b.given_up), 0, 0),
        ];
        for (what, found, expected, unsure) in counts {
            if found < expected || found > expected + unsure {
                return Err(BenchError::Miscounted { what, found, expected });
            }
        }
        Ok(())
    }

    /// What Meta refused between the two, by code.
    pub(super) fn refused_until(&self, after: Self) -> BTreeMap<String, u64> {
        let earlier = |code: &str| self.refused.get(code).copied().unwrap_or_default();
        let since = after.refused.into_iter().map(|(code, count)| {
            let count = count.saturating_sub(earlier(&code));
            (code, count)
        });
        since.filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books(unread: u64, accepted: u64) -> Books {
        Books { unread, accepted, refused: BTreeMap::new(), given_up: 0 }
    }

    fn tally(done: u64, faulty: u64) -> Tally {
        let mut tally = Tally::new();
        tally.answers.insert(200, done);
        tally.faults.insert(String::from("503"), faulty);
        tally
    }

    #[test]
    fn what_was_acknowledged_must_be_there_once() {
        let (before, tally) = (books(10, 5), tally(100, 2));
        let check = |after: Books, caused| before.check(&after, caused, &tally, 3).is_ok();
        assert!(check(books(113, 5), Caused::Inbound(1)));
        assert!(
            check(books(115, 5), Caused::Inbound(1)),
            "an unanswered one may have been applied"
        );
        assert!(!check(books(112, 5), Caused::Inbound(1)), "one is lost");
        assert!(!check(books(116, 5), Caused::Inbound(1)), "one is double");
        assert!(!check(books(113, 6), Caused::Inbound(1)), "nobody asked to send");
        assert!(check(books(1013, 5), Caused::Inbound(10)));
        assert!(check(books(13, 105), Caused::Sends));
        assert!(!check(books(13, 104), Caused::Sends));
    }

    #[test]
    fn refusals_are_those_of_the_run() {
        let mut before = books(0, 0);
        before.refused.insert(String::from("130429"), 2);
        let mut after = before.clone();
        assert!(before.refused_until(after.clone()).is_empty());
        after.refused.insert(String::from("130429"), 5);
        after.refused.insert(String::from("131056"), 1);
        let since = before.refused_until(after);
        assert_eq!(since.into_values().collect::<Vec<_>>(), [3, 1]);
    }
}
