//! Waiting until everything that a load caused was applied.
//!
//! A core applies the deliveries of one lane in the order of their arrival. So a marker, sent to every
//! recruiter when nothing else is under way, is visible only after everything before it was applied.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    error::BenchError,
    http::{list, number},
    scene::{Scene, Thread, identified},
    target::Target,
    webhooks,
};

/// How long a target may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks: long enough to cost the target little, short beside any load.
const PAUSE: Duration = Duration::from_millis(20);

/// Markers under way at once.
const MARKERS: usize = 64;

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
        let pending = number(&deliveries(target).await?, "pending", "reading Meta's webhooks")?;
        Ok((pending == 0).then_some(()))
    })
    .await
}

/// Sends every recruiter a marker and waits until all of them are there; answers how many.
///
/// All at once: the time that this takes counts as the target's.
pub(super) async fn markers_applied(target: &Target, scene: &Scene) -> Result<u64, BenchError> {
    // The first threads belong to one recruiter each.
    let threads = scene.threads.iter().take(scene.recruiters.len());
    let applied = stream::iter(threads).map(|thread| marker_applied(target, scene, thread));
    let applied: Vec<()> = applied.buffer_unordered(MARKERS).try_collect().await?;
    Ok(applied.len() as u64)
}

async fn marker_applied(target: &Target, scene: &Scene, thread: &Thread) -> Result<(), BenchError> {
    let (wamid, signed) = webhooks::delivery(scene, thread, "Are you still there?");
    let request = signed.request(&target.http, &target.edge);
    target.http.json("sending a marker", request, &[200]).await?;
    until("deliveries to be applied", PATIENCE, async || {
        Ok(is_there(target, scene, thread, &wamid).await?.then_some(()))
    })
    .await
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

/// What Meta accepted and refused, in numbers.
pub(super) async fn ledger(target: &Target) -> Result<Value, BenchError> {
    let mut url = target.graph.below("_ledger");
    url.set_query(Some("summary=true"));
    target.http.json("reading Meta's ledger", target.http.get(url), &[200]).await
}

/// What Meta has delivered, and what not.
pub(super) async fn deliveries(target: &Target) -> Result<Value, BenchError> {
    let request = target.http.get(target.graph.below("_webhooks"));
    target.http.json("reading Meta's webhooks", request, &[200]).await
}
