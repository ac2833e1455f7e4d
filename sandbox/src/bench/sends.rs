//! Text sends into open conversations, each by the owner of its conversation.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    error::BenchError,
    form::{Form, identity},
    http::string,
    load::{Load, Tally},
    scene::{Scene, identified},
    target::Target,
};

/// The load.
#[derive(Debug)]
pub(super) struct Sends {
    form: Form,
    scene: Arc<Scene>,
}

impl Sends {
    pub(super) fn new(form: Form, scene: &Arc<Scene>) -> Self {
        Self { form, scene: Arc::clone(scene) }
    }

    fn owner(&self, n: u64) -> &str {
        &self.scene.recruiters[self.scene.thread(n).recruiter].owner
    }
}

impl Load for Sends {
    /// 202: recorded, but Meta has not taken it yet.
    const EXPECTED: &'static [u16] = &[201, 202];

    fn address(&self) -> SocketAddr {
        self.form.address()
    }

    fn request(&self, n: u64) -> Bytes {
        let body = json!({
            "conversationId": self.scene.thread(n).conversation,
            "text": format!("Would Thursday at ten suit you for a short call? ({n})"),
        });
        self.form.post("/api/messages/text", &identity(self.owner(n)), &body.to_string())
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
        let request = target.http.get(target.edge.at(&format!("/api/messages/{id}")));
        let now = target.http.json(what, identified(request, sends.owner(*n)), &[200]).await?;
        let status = string(&now, "status", what)?;
        if status != expected {
            return Err(BenchError::Refused { what, answer: status });
        }
    }
    Ok(())
}
