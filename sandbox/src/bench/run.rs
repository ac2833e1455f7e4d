//! One run of one job: warm-up, load, and for what writes, the drain and the books after both.
//!
//! Invariant: an acknowledged webhook was applied exactly once and an accepted send reached Meta
//! exactly once, or the run has no result. A request without an answer may have done either.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    books::{Books, Caused},
    drain,
    error::BenchError,
    figures::{self, Figure},
    giants::{self, Giants},
    job::{Job, Work},
    load::{self, Load, Tally},
    meters::Cost,
    options::Options,
    reading,
    reads::Reads,
    scene::Scene,
    sends::{self, Sends},
    target::Target,
    webhooks::Webhooks,
};

/// What came of a run.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) figures: Vec<(Figure, f64)>,
    /// Expected answers by status.
    pub(super) answers: BTreeMap<u16, u64>,
    /// All other answers by kind.
    pub(super) faults: BTreeMap<String, u64>,
    /// What Meta refused, by code; a throttled message is sent again, so this is no fault.
    pub(super) refused: BTreeMap<String, u64>,
}

/// Who runs jobs.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) options: &'a Options,
    pub(super) target: &'a Target,
}

/// One load, with everything that it caused.
struct Done {
    tally: Tally,
    cost: Cost,
    /// From the first request until all was applied; reading causes nothing.
    settled: Option<Duration>,
    refused: BTreeMap<String, u64>,
}

impl Bench<'_> {
    /// Makes one run.
    pub(super) async fn run(&self, job: &Job) -> Result<Sample, BenchError> {
        let form = self.target.form;
        let done = match &job.work {
            Work::Reading => return reading::sample(self.options),
            Work::Webhooks(scene) => self.webhooks(job, scene).await?,
            Work::Giants(scene) => {
                let giants = Arc::new(Giants::new(form, scene));
                self.write(job, scene, &giants, Caused::Inbound(giants::UPDATES)).await?
            }
            Work::WebhooksToNew => {
                let scene = Arc::new(Scene::set(self.target, 1, 1).await?);
                self.webhooks(job, &scene).await?
            }
            Work::Sends { scene, statuses } => {
                self.script(*statuses).await?;
                let sends = Arc::new(Sends::new(form, scene));
                let done = self.write(job, scene, &sends, Caused::Sends).await?;
                let expected = if *statuses { "READ" } else { "ACCEPTED" };
                sends::check_last(&sends, self.target, &done.tally, expected).await?;
                done
            }
            Work::Lists(scene) => self.read(job, Reads::lists(form, scene)).await?,
            Work::History { past, deep } => {
                let cursor = deep.then_some(past.deep.as_str());
                self.read(job, Reads::history(form, past, cursor)).await?
            }
        };
        let Done { tally, cost, settled, refused } = done;
        let figures = figures::of(&tally, settled, &cost);
        let Tally { answers, faults, latency: _, last: _, took: _ } = tally;
        Ok(Sample { figures, answers, faults, refused })
    }

    async fn webhooks(&self, job: &Job, scene: &Arc<Scene>) -> Result<Done, BenchError> {
        let webhooks = Arc::new(Webhooks::new(self.target.form, scene));
        self.write(job, scene, &webhooks, Caused::Inbound(1)).await
    }

    /// Sets the limits on, and the statuses as a run of sends wants them.
    async fn script(&self, statuses: bool) -> Result<(), BenchError> {
        // Candidates who read at once are the most that a send can cause: three webhooks.
        let settings = json!({"limits": true, "statuses": statuses, "autoRead": statuses});
        let http = &self.target.http;
        let request = http.post(self.target.graph.below("_script"));
        let request = request.json(&json!({"settings": settings}));
        http.json("setting Meta's script", request, &[200]).await.map(drop)
    }

    /// Warm-up and load of something that is read.
    async fn read(&self, job: &Job, reads: Reads) -> Result<Done, BenchError> {
        let Options { warmup, seconds, .. } = self.options;
        let load = Arc::new(reads);
        let warm = load::drive(&load, job.connections, Duration::from_secs(*warmup)).await;
        let begun = self.target.begin().await?;
        let tally = load::drive(&load, job.connections, Duration::from_secs(*seconds)).await;
        let cost = self.target.end(begun).await?;
        load.check_last(&tally)?;
        let done = Done { tally, cost, settled: None, refused: BTreeMap::new() };
        Ok(done.after(warm))
    }

    /// Warm-up and load of something that is written, each until all of it was applied.
    async fn write<L: Load>(
        &self,
        job: &Job,
        scene: &Scene,
        load: &Arc<L>,
        caused: Caused,
    ) -> Result<Done, BenchError> {
        let Options { warmup, seconds, .. } = self.options;
        let warm = self.phase(job, scene, load, caused, Duration::from_secs(*warmup)).await?;
        let done = self.phase(job, scene, load, caused, Duration::from_secs(*seconds)).await?;
        Ok(done.after(warm.tally))
    }

    async fn phase<L: Load>(
        &self,
        job: &Job,
        scene: &Scene,
        load: &Arc<L>,
        caused: Caused,
        span: Duration,
    ) -> Result<Done, BenchError> {
        let target = self.target;
        let before = Books::read(target, scene).await?;
        let begun = target.begin().await?;
        let from = Instant::now();
        let tally = load::drive(load, job.connections, span).await;
        // Told here as well: a target with faults may never come to rest, and then there is no table.
        for (fault, count) in &tally.faults {
            eprintln!("{}: unexpected: {fault} \u{d7} {count}", job.name);
        }
        if caused == Caused::Sends {
            drain::ledger_holds(target, before.accepted + tally.done()).await?;
            drain::webhooks_delivered(target).await?;
        }
        let markers = drain::markers_applied(target, scene).await?;
        let settled = Some(from.elapsed());
        let cost = target.end(begun).await?;
        let after = Books::read(target, scene).await?;
        before.check(&after, caused, &tally, markers)?;
        Ok(Done { tally, cost, settled, refused: before.refused_until(after) })
    }
}

impl Done {
    /// What went wrong in the warm-up counts as well.
    fn after(mut self, warm: Tally) -> Self {
        for (fault, count) in warm.faults {
            self.tally.faults.insert(format!("{fault} (warm-up)"), count);
        }
        self
    }
}
