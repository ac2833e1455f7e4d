//! What one delivery costs before anything is done with it: checking its signature and reading it.

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use edge_gateway::config::Secret;

use super::{
    error::BenchError, figures::Figure, options::Options, proc, run::Sample, scene::Scene, webhooks,
};
use crate::{meta::wire, secrets::APP_SECRET};

/// Deliveries that are read in turn, so that none stays in the nearest cache.
const DIFFERENT: usize = 512;

/// Reads for the length of a run, and tells the processor time of one.
pub(super) fn sample(options: &Options) -> Result<Sample, BenchError> {
    let scene = Scene::alone();
    let deliveries: Vec<(String, String)> = (0..DIFFERENT)
        .map(|n| {
            let text = format!("Thanks, I can start on 3/11 \u{2013} write me @ noon. ({n})");
            let (_, body) = webhooks::body(&scene, scene.thread(0), &text, 1_790_000_000);
            let body = wire::to_json(&body);
            let signature = wire::signature(APP_SECRET, body.as_bytes());
            (body, signature)
        })
        .collect();
    let secrets = [Secret::from(APP_SECRET)];
    let read = |count: usize| {
        for (body, signature) in deliveries.iter().cycle().take(count) {
            let is_signed = edge_gateway::is_signed(&secrets, body.as_bytes(), signature);
            let parsed = core_service::meta::receive::parse(body.as_bytes());
            debug_assert!(is_signed && parsed.elements.len() == 1);
            black_box((is_signed, parsed));
        }
    };
    read(DIFFERENT);
    let (pid, until) =
        (std::process::id(), Instant::now() + Duration::from_secs(options.seconds.min(5)));
    let (before, mut count) = (proc::cpu(pid)?, 0);
    while Instant::now() < until {
        read(DIFFERENT);
        count += DIFFERENT;
    }
    let each = (proc::cpu(pid)? - before).as_secs_f64() * 1e6 / count as f64;
    Ok(Sample {
        figures: vec![(Figure::ReadCpu, each)],
        answers: BTreeMap::new(),
        faults: BTreeMap::new(),
        refused: BTreeMap::new(),
    })
}
