//! Signed webhooks: one inbound text each, written and escaped as the simulated Meta writes it.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    form::Form,
    load::Load,
    scene::{Scene, Thread},
    signed::Signed,
};
use crate::meta::{hooks, ids, person::Person};

/// The load.
#[derive(Debug)]
pub(super) struct Webhooks {
    form: Form,
    scene: Arc<Scene>,
}

impl Webhooks {
    pub(super) fn new(form: Form, scene: &Arc<Scene>) -> Self {
        Self { form, scene: Arc::clone(scene) }
    }
}

impl Load for Webhooks {
    const EXPECTED: &'static [u16] = &[200];

    fn address(&self) -> SocketAddr {
        self.form.address()
    }

    fn request(&self, n: u64) -> Bytes {
        let text = format!("Thanks, I can start on 3/11 \u{2013} write me @ noon. ({n})");
        let (_, signed) = delivery(&self.scene, self.scene.thread(n), &text);
        signed.written(self.form)
    }
}

/// A candidate writes in a thread: the id of the message, and what delivers it.
pub(super) fn delivery(scene: &Scene, thread: &Thread, text: &str) -> (String, Signed) {
    let (wamid, body) = body(scene, thread, text, scene.clock.now_secs());
    (wamid, Signed::new(&body))
}

/// The same, before it is signed, as of a moment.
pub(super) fn body(scene: &Scene, thread: &Thread, text: &str, at_secs: i64) -> (String, Value) {
    let Thread { recruiter, candidate, conversation: _ } = thread;
    let account = &scene.recruiters[*recruiter].account;
    let wamid = ids::inbound_wamid(candidate);
    let message = json!({
        "id": wamid,
        "timestamp": at_secs.to_string(),
        "type": "text",
        "text": {"body": text},
    });
    let whole = hooks::inbound(account, &Person::at(candidate), message);
    (wamid, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_from_the_candidate_to_the_recruiters_number() {
        let scene = Scene::alone();
        let (wamid, whole) = body(&scene, &scene.threads[0], "hi", 7);
        let value = &whole["entry"][0]["changes"][0]["value"];
        assert_eq!(value["messages"][0]["id"], json!(wamid));
        assert_eq!(value["messages"][0]["timestamp"], "7");
        assert_eq!(value["contacts"][0]["wa_id"], "4915100000001");
        let number = &scene.recruiters[0].account.phone_number_id;
        assert_eq!(value["metadata"]["phone_number_id"], json!(number));
    }

    #[test]
    fn no_two_deliveries_are_the_same() {
        let scene = Scene::alone();
        let form = Form::new("127.0.0.1:80".parse().expect("an address"));
        let webhooks = Webhooks::new(form, &Arc::new(scene));
        assert_ne!(webhooks.request(0), webhooks.request(0));
    }
}
