//! Webhooks of a thousand updates: what Meta delivers after an outage of its own.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use serde_json::Value;

use super::{
    form::Form,
    load::Load,
    scene::{Scene, Thread},
    signed::Signed,
    webhooks,
};

/// Updates of one delivery: the most that Meta puts together.
pub(super) const UPDATES: u64 = 1_000;

/// The load.
#[derive(Debug)]
pub(super) struct Giants {
    form: Form,
    scene: Arc<Scene>,
}

impl Giants {
    pub(super) fn new(form: Form, scene: &Arc<Scene>) -> Self {
        Self { form, scene: Arc::clone(scene) }
    }
}

impl Load for Giants {
    const EXPECTED: &'static [u16] = &[200];

    fn address(&self) -> SocketAddr {
        self.form.address()
    }

    fn request(&self, n: u64) -> Bytes {
        Signed::new(&delivery(&self.scene, n)).written(self.form)
    }
}

/// A delivery of one business, one message an entry, over all of its conversations. Of several it would be
/// applied beside what comes for them alone, and the markers behind the load would say nothing of it.
fn delivery(scene: &Scene, n: u64) -> Value {
    let at = scene.clock.now_secs();
    let first = scene.thread(n);
    let own: Vec<_> =
        scene.threads.iter().filter(|thread| thread.recruiter == first.recruiter).collect();
    let entry = |thread: &&Thread| {
        let (_, mut whole) = webhooks::body(scene, thread, "I can start in March.", at);
        whole["entry"][0].take()
    };
    let (_, mut whole) = webhooks::body(scene, first, "", at);
    let most = usize::try_from(UPDATES).unwrap_or(usize::MAX);
    whole["entry"] = own.iter().cycle().take(most).map(entry).collect();
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_delivery_has_a_thousand_messages_and_none_twice() {
        let scene = Scene::alone();
        let whole = delivery(&scene, 3);
        let entries = whole["entry"].as_array().expect("entries");
        let id = |entry: &Value| entry["changes"][0]["value"]["messages"][0]["id"].to_string();
        let ids: BTreeSet<String> = entries.iter().map(id).collect();
        assert_eq!(ids.len() as u64, UPDATES);
    }
}
