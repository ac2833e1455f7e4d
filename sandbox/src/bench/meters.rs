//! The meters of the service: read before and after a load, they tell what it cost.

use std::time::Duration;

use super::{error::BenchError, http::Http, loopback::Loopback, proc};

/// Which meters there are; a target that runs elsewhere may have none.
#[derive(Debug)]
pub(super) struct Meters {
    pub(super) core: Option<u32>,
    pub(super) edge: Option<u32>,
    pub(super) stats: Option<Loopback>,
}

/// What the meters showed at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    core_cpu: Option<Duration>,
    edge_cpu: Option<Duration>,
    core_peak: Option<u64>,
    edge_peak: Option<u64>,
    syncs: Option<u64>,
}

/// What a load cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) core_cpu: Option<Duration>,
    pub(super) edge_cpu: Option<Duration>,
    /// Peaks of the processes' whole lives, in bytes; the kernel keeps no others.
    pub(super) core_peak: Option<u64>,
    pub(super) edge_peak: Option<u64>,
    pub(super) syncs: Option<u64>,
}

impl Meters {
    pub(super) async fn read(&self, http: &Http) -> Result<Reading, BenchError> {
        let Self { core, edge, stats } = self;
        let syncs = match stats {
            Some(stats) => Some(syncs(http, stats).await?),
            None => None,
        };
        Ok(Reading {
            core_cpu: core.map(proc::cpu).transpose()?,
            edge_cpu: edge.map(proc::cpu).transpose()?,
            core_peak: core.map(proc::peak_rss).transpose()?,
            edge_peak: edge.map(proc::peak_rss).transpose()?,
            syncs,
        })
    }
}

async fn syncs(http: &Http, stats: &Loopback) -> Result<u64, BenchError> {
    let what = "the core's statistics";
    let answer = http.json(what, http.get(stats.at("/stats")), &[200]).await?;
    super::http::number(&answer, "syncs", what)
}

impl Reading {
    /// What happened since an earlier reading.
    pub(super) fn since(self, earlier: Self) -> Cost {
        let Self { core_cpu, edge_cpu, core_peak, edge_peak, syncs } = self;
        let span = |now: Option<Duration>, then: Option<Duration>| Some(now? - then?);
        Cost {
            core_cpu: span(core_cpu, earlier.core_cpu),
            edge_cpu: span(edge_cpu, earlier.edge_cpu),
            core_peak,
            edge_peak,
            syncs: syncs.zip(earlier.syncs).map(|(now, then)| now.saturating_sub(then)),
        }
    }
}
