//! The figures of a run, in the units in which they are printed.

use std::time::Duration;

use super::{
    load::Tally,
    meters::{Cost, Each, Kept},
};

/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

/// What is told of every run, where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    /// Expected answers a second.
    Rate,
    /// The same, over the time until everything that they caused was applied.
    Settled,
    P50,
    P99,
    Max,
    /// Processor time of edge and core for each operation.
    OwnCpu,
    EdgeCpu,
    CoreCpu,
    MongodCpu,
    /// Of the simulated Meta.
    MetaCpu,
    /// Of the load itself.
    LoadCpu,
    /// Processor time of checking a delivery's signature and reading it.
    ReadCpu,
    /// Most memory of edge and core while it ran.
    OwnPeak,
    EdgePeak,
    CorePeak,
    MongodPeak,
    Syncs,
    Transactions,
}

/// What a figure must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}
pub(super) use Goal::{AtLeast, AtMost};

impl Goal {
    pub(super) fn is_reached(self, value: f64) -> bool {
        match self {
            AtLeast(least) => value >= least,
            AtMost(most) => value <= most,
        }
    }
}

impl Figure {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Rate => "answered per second",
            Self::Settled => "done per second, backlog drained",
            Self::P50 => "latency p50, ms",
            Self::P99 => "latency p99, ms",
            Self::Max => "latency max, ms",
            Self::OwnCpu => "CPU of edge + core, \u{b5}s per operation",
            Self::EdgeCpu => "  edge",
            Self::CoreCpu => "  core",
            Self::MongodCpu => "CPU of mongod",
            Self::MetaCpu => "CPU of the simulated Meta",
            Self::LoadCpu => "CPU of the load itself",
            Self::ReadCpu => "CPU of signature + reading, \u{b5}s",
            Self::OwnPeak => "memory of edge + core, peak MiB",
            Self::EdgePeak => "  edge",
            Self::CorePeak => "  core",
            Self::MongodPeak => "memory of mongod",
            Self::Syncs => "disk syncs per operation",
            Self::Transactions => "MongoDB transactions per operation",
        }
    }

    /// Digits behind the point.
    pub(super) const fn digits(self) -> usize {
        match self {
            Self::P50 | Self::P99 | Self::Max | Self::ReadCpu => 2,
            Self::Syncs | Self::Transactions => 3,
            Self::Rate
            | Self::Settled
            | Self::OwnCpu
            | Self::EdgeCpu
            | Self::CoreCpu
            | Self::MongodCpu
            | Self::MetaCpu
            | Self::LoadCpu
            | Self::OwnPeak
            | Self::EdgePeak
            | Self::CorePeak
            | Self::MongodPeak => 0,
        }
    }
}

/// The figures of one run; what was not metered is not among them.
pub(super) fn of(tally: &Tally, settled: Option<Duration>, cost: &Cost) -> Vec<(Figure, f64)> {
    let Cost { cpu, peak, kept: Kept { syncs, transactions } } = cost;
    let Each { edge, core, mongod, meta, load } = *cpu;
    let done = tally.done() as f64;
    let each = |sum: f64| (done > 0.0).then(|| sum / done);
    let micros = |cpu: Option<Duration>| each(cpu?.as_secs_f64() * 1e6);
    let count = |count: &Option<u64>| each((*count)? as f64);
    let latency = |quantile| tally.latency.value_at_quantile(quantile) as f64 / 1e3;
    let mib = |bytes: Option<u64>| Some(bytes? as f64 / MIB);
    let known = [
        (Figure::Rate, Some(done / tally.took.as_secs_f64())),
        (Figure::Settled, settled.map(|settled| done / settled.as_secs_f64())),
        (Figure::P50, Some(latency(0.50))),
        (Figure::P99, Some(latency(0.99))),
        (Figure::Max, Some(tally.latency.max() as f64 / 1e3)),
        (Figure::OwnCpu, micros(both(edge, core))),
        (Figure::EdgeCpu, micros(edge)),
        (Figure::CoreCpu, micros(core)),
        (Figure::MongodCpu, micros(mongod)),
        (Figure::MetaCpu, micros(meta)),
        (Figure::LoadCpu, micros(load)),
        (Figure::OwnPeak, mib(both(peak.edge, peak.core))),
        (Figure::EdgePeak, mib(peak.edge)),
        (Figure::CorePeak, mib(peak.core)),
        (Figure::MongodPeak, mib(peak.mongod)),
        (Figure::Syncs, count(syncs)),
        (Figure::Transactions, count(transactions)),
    ];
    known.into_iter().filter_map(|(figure, value)| Some((figure, value?))).collect()
}

fn both<T: std::ops::Add<Output = T>>(one: Option<T>, other: Option<T>) -> Option<T> {
    Some(one? + other?)
}
