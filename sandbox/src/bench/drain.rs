//! Waiting until everything that a load caused was applied, and counting what came of it.
//!
//! A core applies the deliveries of one lane in the order of their arrival. So a marker, sent to every
//! recruiter when nothing else is under way, is visible only after everything before it was applied.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    error::BenchError,
    http::{list, number},
    scene::{Scene, Thread, identified},
    target::Target,
    webhooks::Webhooks,
};

/// How long a target may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks: long enough to cost the target little, short beside any load.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until there is something to see.
pub(super) async fn until<T>(
    what: &'static str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>, BenchError>,
) -> Result<T, BenchError> {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if begun.elapsed() > patience {
            return Err(BenchError::NotDrained { what, seconds: patience.as_secs() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What the two sides have counted.
#[derive(Clone, Debug)]
pub(super) struct Books {
    /// Unread messages at the recruiters.
    pub(super) unread: u64,
    /// Messages that Meta accepted.
    pub(super) accepted: u64,
    /// Requests that Meta refused, by code.
    pub(super) refused: BTreeMap<String, u64>,
    /// Webhooks that Meta gave up.
    pub(super) given_up: u64,
}

impl Books {
    pub(super) async fn read(target: &Target, scene: &Scene) -> Result<Self, BenchError> {
        let what = "reading Meta's ledger";
        let ledger = ledger(target).await?;
        let codes = ledger["refusedByCode"].as_object().into_iter().flatten();
        Ok(Self {
            unread: scene.unread(target).await?,
            accepted: number(&ledger, "count", what)?,
            refused: codes.filter_map(|(code, n)| Some((code.clone(), n.as_u64()?))).collect(),
            given_up: number(&webhooks(target).await?, "failed", "reading Meta's webhooks")?,
        })
    }
}

/// Waits until Meta's ledger holds so many messages.
pub(super) async fn ledger_holds(target: &Target, count: u64) -> Result<(), BenchError> {
    until("queued messages to reach Meta", PATIENCE, async || {
        let held = number(&ledger(target).await?, "count", "reading Meta's ledger")?;
        Ok((held >= count).then_some(()))
    })
    .await
}

/// Waits until Meta has no webhook left to deliver.
pub(super) async fn webhooks_delivered(target: &Target) -> Result<(), BenchError> {
    until("Meta to deliver its webhooks", PATIENCE, async || {
        let pending = number(&webhooks(target).await?, "pending", "reading Meta's webhooks")?;
        Ok((pending == 0).then_some(()))
    })
    .await
}

/// Sends every recruiter a marker and waits until all of them are there; answers how many.
pub(super) async fn markers_applied(
    target: &Target,
    scene: &Scene,
    sender: &Webhooks,
) -> Result<u64, BenchError> {
    let mut sent = Vec::with_capacity(scene.recruiters.len());
    // The first threads belong to one recruiter each.
    for thread in scene.threads.iter().take(scene.recruiters.len()) {
        let (wamid, request) = sender.delivery(thread, "Are you still there?");
        target.http.json("sending a marker", request, &[200]).await?;
        sent.push((thread, wamid));
    }
    for (thread, wamid) in &sent {
        until("deliveries to be applied", PATIENCE, async || {
            Ok(is_there(target, scene, thread, wamid).await?.then_some(()))
        })
        .await?;
    }
    Ok(sent.len() as u64)
}

async fn is_there(
    target: &Target,
    scene: &Scene,
    thread: &Thread,
    wamid: &str,
) -> Result<bool, BenchError> {
    let what = "looking for a marker";
    let Thread { recruiter, candidate: _, conversation } = thread;
    let url = target.edge.at(&format!("/api/conversations/{conversation}/messages"));
    let request = identified(target.http.get(url), &scene.recruiters[*recruiter].owner);
    let page = target.http.json(what, request, &[200]).await?;
    Ok(list(&page, "data", what)?.iter().any(|message| message["wamid"] == json!(wamid)))
}

async fn ledger(target: &Target) -> Result<Value, BenchError> {
    let mut url = target.graph.below("_ledger");
    url.set_query(Some("summary=true"));
    target.http.json("reading Meta's ledger", target.http.get(url), &[200]).await
}

async fn webhooks(target: &Target) -> Result<Value, BenchError> {
    let request = target.http.get(target.graph.below("_webhooks"));
    target.http.json("reading Meta's webhooks", request, &[200]).await
}
