//! The long conversation: filled once, and a cursor to a page far back in it.

use std::sync::Arc;

use serde_json::Value;

use super::{
    error::BenchError,
    fill::{self, number_in},
    http::list,
    options::Options,
    scene::{Scene, Thread, identified},
    target::Target,
};

/// Rows of a page while walking, the most that the API gives.
const STRIDE: u32 = 100;
/// Messages in the page that may come before or between those of the past: the first word of the
/// candidate, and rows that share a second with it.
const SLACK: u32 = 8;

/// A recruiter with one candidate who has written very much.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) scene: Arc<Scene>,
    /// Leads to the page at 90 % depth.
    pub(super) deep: String,
}

impl Past {
    /// Writes it and walks back into it.
    pub(super) async fn make(target: &Target, options: &Options) -> Result<Self, BenchError> {
        let scene = Scene::set(target, 1, 1).await?;
        let thread = scene.thread(0);
        let took = fill::fill(target, &scene, thread, options.history).await?;
        eprintln!(
            "a conversation of {} messages is filled: {:.1} s, {:.0} messages a second",
            options.history,
            took.as_secs_f64(),
            f64::from(options.history) / took.as_secs_f64()
        );
        let deep = walk(target, &scene, thread, options.history).await?;
        Ok(Self { scene: Arc::new(scene), deep })
    }
}

/// Pages back to 90 % depth, and makes sure to be there.
async fn walk(
    target: &Target,
    scene: &Scene,
    thread: &Thread,
    count: u32,
) -> Result<String, BenchError> {
    let what = "walking back in a conversation";
    let depth = count / 10 * 9;
    let mut cursor: Option<String> = None;
    for _ in 0..depth / STRIDE {
        let page = page(target, scene, thread, cursor.as_deref()).await?;
        cursor = page["nextCursor"].as_str().map(str::to_owned);
    }
    let page = page(target, scene, thread, cursor.as_deref()).await?;
    let rows = list(&page, "data", what)?;
    let found = rows.first().and_then(number_in).unwrap_or(u32::MAX);
    let expected = count - depth / STRIDE * STRIDE;
    match cursor {
        Some(cursor) if expected.abs_diff(found) <= SLACK => Ok(cursor),
        _ => {
            let (found, expected) = (u64::from(found), u64::from(expected));
            Err(BenchError::Miscounted { what: "where a walk back led", found, expected })
        }
    }
}

async fn page(
    target: &Target,
    scene: &Scene,
    thread: &Thread,
    cursor: Option<&str>,
) -> Result<Value, BenchError> {
    let mut url = target.edge.at(&format!("/api/conversations/{}/messages", thread.conversation));
    url.query_pairs_mut().append_pair("limit", &STRIDE.to_string());
    if let Some(cursor) = cursor {
        url.query_pairs_mut().append_pair("cursor", cursor);
    }
    let request = identified(target.http.get(url), &scene.recruiters[thread.recruiter].owner);
    target.http.json("walking back in a conversation", request, &[200]).await
}
