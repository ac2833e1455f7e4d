//! The meters: read before and after a load, they tell what it cost each process that took part.

use std::time::Duration;

use super::{error::BenchError, http::Http, loopback::Loopback, mongo::Mongo, proc};

/// Something of each process that takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Each<T> {
    pub(super) edge: T,
    pub(super) core: T,
    pub(super) mongod: T,
    /// The simulated Meta.
    pub(super) meta: T,
    /// The load itself: this process.
    pub(super) load: T,
}

impl<T> Each<T> {
    fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<Each<U>, E> {
        let Self { edge, core, mongod, meta, load } = self;
        Ok(Each {
            edge: f(edge)?,
            core: f(core)?,
            mongod: f(mongod)?,
            meta: f(meta)?,
            load: f(load)?,
        })
    }
}

/// Which meters there are; a target that runs elsewhere may have none.
#[derive(Debug)]
pub(super) struct Meters {
    pub(super) pids: Each<Option<u32>>,
    /// Where the core tells how often its store synced.
    pub(super) stats: Option<Loopback>,
}

/// What the meters showed when a load began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    cpu: Each<Option<Duration>>,
    kept: Kept,
}

/// What a store has counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// Writes to the disk that were waited for.
    pub(super) syncs: Option<u64>,
    /// Transactions that MongoDB committed.
    pub(super) transactions: Option<u64>,
}

/// What a load cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) cpu: Each<Option<Duration>>,
    /// The most memory that was resident meanwhile, in bytes.
    pub(super) peak: Each<Option<u64>>,
    pub(super) kept: Kept,
}

impl Meters {
    /// Begins a measurement.
    pub(super) async fn begin(
        &self,
        http: &Http,
        mongo: Option<&Mongo>,
    ) -> Result<Reading, BenchError> {
        self.pids.try_map(|pid| pid.map(proc::forget_peak).transpose())?;
        self.read(http, mongo).await
    }

    /// Ends it: what happened since.
    pub(super) async fn end(
        &self,
        http: &Http,
        mongo: Option<&Mongo>,
        begun: Reading,
    ) -> Result<Cost, BenchError> {
        let Reading { cpu, kept } = self.read(http, mongo).await?;
        let span = |now: Option<Duration>, then: Option<Duration>| Some(now? - then?);
        let grown = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        Ok(Cost {
            cpu: Each {
                edge: span(cpu.edge, begun.cpu.edge),
                core: span(cpu.core, begun.cpu.core),
                mongod: span(cpu.mongod, begun.cpu.mongod),
                meta: span(cpu.meta, begun.cpu.meta),
                load: span(cpu.load, begun.cpu.load),
            },
            peak: self.pids.try_map(|pid| pid.map(proc::peak_rss).transpose())?,
            kept: Kept {
                syncs: grown(kept.syncs, begun.kept.syncs),
                transactions: grown(kept.transactions, begun.kept.transactions),
            },
        })
    }

    async fn read(&self, http: &Http, mongo: Option<&Mongo>) -> Result<Reading, BenchError> {
        let kept = match (mongo, &self.stats) {
            (Some(mongo), _) => mongo.kept().await?,
            (None, Some(stats)) => {
                Kept { syncs: Some(syncs(http, stats).await?), transactions: None }
            }
            (None, None) => Kept::default(),
        };
        let cpu = self.pids.try_map(|pid| pid.map(proc::cpu).transpose())?;
        Ok(Reading { cpu, kept })
    }
}

async fn syncs(http: &Http, stats: &Loopback) -> Result<u64, BenchError> {
    let what = "the core's statistics";
    let answer = http.json(what, http.get(stats.at("/stats")), &[200]).await?;
    super::http::number(&answer, "syncs", what)
}
