//! Signed webhooks: one inbound text each, written and escaped as the simulated Meta writes it.

use std::sync::Arc;

use reqwest::{RequestBuilder, Url, header::CONTENT_TYPE};
use serde_json::json;

use super::{
    http::Http,
    load::Load,
    scene::{Scene, Thread},
    target::Target,
};
use crate::{
    meta::{hooks, ids, wire},
    secrets::APP_SECRET,
};

/// The load.
#[derive(Debug)]
pub(super) struct Webhooks {
    http: Http,
    url: Url,
    scene: Arc<Scene>,
}

impl Webhooks {
    pub(super) fn new(target: &Target, scene: &Arc<Scene>) -> Self {
        let url = target.edge.at("/api/webhooks");
        Self { http: target.http.clone(), url, scene: Arc::clone(scene) }
    }

    /// A candidate writes in a thread: the id of the message, and the request that delivers it.
    pub(super) fn delivery(&self, thread: &Thread, text: &str) -> (String, RequestBuilder) {
        let (wamid, body) = body(&self.scene, thread, text);
        let signature = wire::signature(APP_SECRET, body.as_bytes());
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("X-Hub-Signature-256", signature)
            .body(body);
        (wamid, request)
    }
}

impl Load for Webhooks {
    const EXPECTED: &'static [u16] = &[200];

    fn request(&self, n: u64) -> RequestBuilder {
        let text = format!("Thanks, I can start on 3/11 \u{2013} write me @ noon. ({n})");
        self.delivery(self.scene.thread(n), &text).1
    }
}

fn body(scene: &Scene, thread: &Thread, text: &str) -> (String, String) {
    let Thread { recruiter, candidate, conversation: _ } = thread;
    let account = &scene.recruiters[*recruiter].account;
    let wamid = ids::inbound_wamid(candidate);
    let message = json!({
        "id": wamid,
        "timestamp": scene.clock.now_secs().to_string(),
        "type": "text",
        "text": {"body": text},
    });
    let whole = hooks::inbound(account, candidate, &candidate.sample_name(), false, message);
    (wamid, wire::to_json(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scene::Recruiter;
    use crate::meta::{Clock, SeedAccount, number::WaNumber};

    fn scene() -> Scene {
        let (account, _, _) = SeedAccount::default().open(0).expect("an account");
        let candidate = WaNumber::parse("4915100000001").expect("a number");
        let owner = String::from("bench@linkojob.test");
        let thread = Thread { recruiter: 0, candidate, conversation: String::from("c") };
        Scene {
            recruiters: vec![Recruiter { owner, account }],
            threads: vec![thread],
            clock: Clock::default(),
        }
    }

    #[test]
    fn a_delivery_is_signed_over_the_bytes_that_are_sent() {
        let scene = Arc::new(scene());
        let http = Http::new(1).expect("a client");
        let url: Url = "http://127.0.0.1:1/api/webhooks".parse().expect("an address");
        let webhooks = Webhooks { http, url, scene: Arc::clone(&scene) };
        let (wamid, request) = webhooks.delivery(&scene.threads[0], "caf\u{e9} @ 3/11");
        let request = request.build().expect("a request");
        let sent = request.body().and_then(|body| body.as_bytes()).expect("bytes");
        let signature = request.headers()["X-Hub-Signature-256"].to_str().expect("text");
        assert_eq!(signature, wire::signature(APP_SECRET, sent));
        assert_eq!(signature.len(), "sha256=".len() + 64);
        let text = std::str::from_utf8(sent).expect("text");
        assert!(text.contains(r"caf\u00e9 \u0040 3\/11"), "{text}");
        let parsed: serde_json::Value = serde_json::from_slice(sent).expect("JSON");
        let value = &parsed["entry"][0]["changes"][0]["value"];
        assert_eq!(value["messages"][0]["id"], json!(wamid));
        assert_eq!(value["contacts"][0]["wa_id"], "4915100000001");
    }

    #[test]
    fn no_two_deliveries_are_the_same() {
        let scene = scene();
        let thread = &scene.threads[0];
        assert_ne!(body(&scene, thread, "hi"), body(&scene, thread, "hi"));
    }
}
