//! One run: warm-up, drain, load, drain, then the books are checked.
//!
//! Invariant: an acknowledged webhook was applied exactly once and an accepted send reached Meta
//! exactly once, or the run has no result. A request without an answer may have done either.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    drain::{self, Books},
    error::BenchError,
    load::{self, Load, Tally},
    meters::Cost,
    options::{Options, Which},
    scene::Scene,
    sends::{self, Sends},
    table::Row,
    target::Target,
    webhooks::Webhooks,
};

/// What goes through the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One inbound text a request.
    Webhooks,
    /// One text to send a request.
    Sends {
        /// Whether Meta reports each as sent, delivered and read.
        statuses: bool,
    },
}

impl Kind {
    /// The runs that were asked for, in order.
    pub(super) fn of(which: Which) -> &'static [Self] {
        const ALL: [Kind; 3] =
            [Kind::Webhooks, Kind::Sends { statuses: false }, Kind::Sends { statuses: true }];
        match which {
            Which::Webhooks => &ALL[..1],
            Which::Sends => &ALL[1..],
            Which::All => &ALL,
        }
    }

    /// Facts that Meta tells us by webhook for each request, where it tells any.
    fn facts(self) -> Option<u64> {
        match self {
            Self::Webhooks => Some(1),
            Self::Sends { statuses: true } => Some(3),
            Self::Sends { statuses: false } => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Webhooks => "webhooks",
            Self::Sends { statuses: false } => "sends, statuses off",
            Self::Sends { statuses: true } => "sends, statuses on",
        })
    }
}

/// Everything a run needs.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) options: &'a Options,
    pub(super) target: &'a Target,
    pub(super) scene: Arc<Scene>,
}

/// One load, applied to the last fact.
struct Done {
    tally: Tally,
    /// From the first request until all was applied.
    until_applied: Duration,
    cost: Cost,
    /// What Meta refused meanwhile, by code.
    refused: BTreeMap<String, u64>,
}

impl Bench<'_> {
    /// Makes one run.
    pub(super) async fn run(&self, kind: Kind) -> Result<Row, BenchError> {
        self.script(kind).await?;
        let done = match kind {
            Kind::Webhooks => {
                let webhooks = Arc::new(Webhooks::new(self.target, &self.scene));
                self.measure(kind, &webhooks).await?
            }
            Kind::Sends { statuses } => {
                let sends = Arc::new(Sends::new(self.target, &self.scene));
                let done = self.measure(kind, &sends).await?;
                let expected = if statuses { "READ" } else { "ACCEPTED" };
                sends::check_last(&sends, self.target, &done.tally, expected).await?;
                done
            }
        };
        let Done { tally, until_applied, cost, refused } = done;
        let facts = kind.facts().map(|each| each * tally.done());
        Ok(Row {
            name: kind.to_string(),
            connections: self.options.connections,
            applied_per_second: facts.map(|facts| facts as f64 / until_applied.as_secs_f64()),
            tally,
            cost,
            refused,
        })
    }

    /// Sets the limits on, and the statuses as this run wants them.
    async fn script(&self, kind: Kind) -> Result<(), BenchError> {
        let statuses = kind == Kind::Sends { statuses: true };
        // Candidates who read at once are the most that a send can cause: three webhooks.
        let settings = json!({"limits": true, "statuses": statuses, "autoRead": statuses});
        let http = &self.target.http;
        let request = http.post(self.target.graph.below("_script"));
        let request = request.json(&json!({"settings": settings}));
        http.json("setting Meta's script", request, &[200]).await.map(drop)
    }

    async fn measure<L: Load>(&self, kind: Kind, load: &Arc<L>) -> Result<Done, BenchError> {
        let Options { warmup, seconds, .. } = self.options;
        let warm = self.phase(kind, load, Duration::from_secs(*warmup)).await?;
        let mut done = self.phase(kind, load, Duration::from_secs(*seconds)).await?;
        for (fault, count) in warm.tally.faults {
            done.tally.faults.insert(format!("{fault} (warm-up)"), count);
        }
        Ok(done)
    }

    async fn phase<L: Load>(
        &self,
        kind: Kind,
        load: &Arc<L>,
        span: Duration,
    ) -> Result<Done, BenchError> {
        let Self { options, target, scene } = self;
        let before = Books::read(target, scene).await?;
        let meters = target.meters.read(&target.http).await?;
        let begun = Instant::now();
        let tally = load::drive(load, options.connections, span).await;
        // Told here as well: a target with faults may never come to rest, and then there is no table.
        for (fault, count) in &tally.faults {
            eprintln!("{kind}: unexpected: {fault} \u{d7} {count}");
        }
        if matches!(kind, Kind::Sends { .. }) {
            drain::ledger_holds(target, before.accepted + tally.done()).await?;
            drain::webhooks_delivered(target).await?;
        }
        let marker = Webhooks::new(target, scene);
        let markers = drain::markers_applied(target, scene, &marker).await?;
        let until_applied = begun.elapsed();
        let cost = target.meters.read(&target.http).await?.since(meters);
        let after = Books::read(target, scene).await?;
        check(kind, &tally, markers, &before, &after)?;
        let refused = refused_between(&before, after);
        Ok(Done { tally, until_applied, cost, refused })
    }
}

/// Everything that was said to be done must be there, once.
fn check(
    kind: Kind,
    tally: &Tally,
    markers: u64,
    before: &Books,
    after: &Books,
) -> Result<(), BenchError> {
    let (inbound, sent) = match kind {
        Kind::Webhooks => ((tally.done(), tally.faulty()), (0, 0)),
        Kind::Sends { statuses: _ } => ((0, 0), (tally.done(), tally.faulty())),
    };
    let counts = [
        (
            "applied inbound messages",
            after.unread.saturating_sub(before.unread),
            inbound.0 + markers,
            inbound.1,
        ),
        (
            "messages in Meta's ledger",
            after.accepted.saturating_sub(before.accepted),
            sent.0,
            sent.1,
        ),
        ("webhooks that Meta gave up", after.given_up.saturating_sub(before.given_up), 0, 0),
    ];
    for (what, found, expected, unsure) in counts {
        if found < expected || found > expected + unsure {
            return Err(BenchError::Miscounted { what, found, expected });
        }
    }
    Ok(())
}

fn refused_between(before: &Books, after: Books) -> BTreeMap<String, u64> {
    let earlier = |code: &str| before.refused.get(code).copied().unwrap_or_default();
    let since = after.refused.into_iter().map(|(code, count)| {
        let count = count.saturating_sub(earlier(&code));
        (code, count)
    });
    since.filter(|(_, count)| *count > 0).collect()
}
