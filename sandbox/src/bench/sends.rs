//! Text sends into open conversations, each by the owner of its conversation.

use std::sync::Arc;

use reqwest::{RequestBuilder, Url};
use serde_json::{Value, json};

use super::{
    error::BenchError,
    http::{Http, string},
    load::{Load, Tally},
    scene::{Scene, identified},
    target::Target,
};

/// The load.
#[derive(Debug)]
pub(super) struct Sends {
    http: Http,
    url: Url,
    scene: Arc<Scene>,
}

impl Sends {
    pub(super) fn new(target: &Target, scene: &Arc<Scene>) -> Self {
        let url = target.edge.at("/api/messages/text");
        Self { http: target.http.clone(), url, scene: Arc::clone(scene) }
    }

    fn owner(&self, n: u64) -> &str {
        &self.scene.recruiters[self.scene.thread(n).recruiter].owner
    }
}

impl Load for Sends {
    /// 202: recorded, but Meta has not taken it yet.
    const EXPECTED: &'static [u16] = &[201, 202];

    fn request(&self, n: u64) -> RequestBuilder {
        let body = json!({
            "conversationId": self.scene.thread(n).conversation,
            "text": format!("Would Thursday at ten suit you for a short call? ({n})"),
        });
        identified(self.http.post(self.url.clone()), self.owner(n)).json(&body)
    }
}

/// Looks at the last message that each client sent: everything that Meta told of it must be applied.
pub(super) async fn check_last(
    sends: &Sends,
    target: &Target,
    tally: &Tally,
    expected: &str,
) -> Result<(), BenchError> {
    let what = "the status of a message after all was applied";
    for (n, body) in &tally.last {
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = string(&sent, "id", what)?;
        let request = sends.http.get(target.edge.at(&format!("/api/messages/{id}")));
        let now = sends.http.json(what, identified(request, sends.owner(*n)), &[200]).await?;
        let status = string(&now, "status", what)?;
        if status != expected {
            return Err(BenchError::Refused { what, answer: status });
        }
    }
    Ok(())
}
