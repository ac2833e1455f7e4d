//! Two cores, of which one dies, hangs, drains or is slow: who is asked, and what is asked twice.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use tonic::Status;

use crate::{
    fake::FakeCore,
    harness::{APP_SECRETS, Edge, PATIENCE, problem},
};

/// An edge in front of two cores.
pub struct Pair {
    pub edge: Edge,
    /// The core that the recruiter's calls go to.
    pub home: FakeCore,
    /// The one that they go to otherwise.
    pub other: FakeCore,
}

impl Pair {
    pub async fn start() -> Self {
        let one = FakeCore::start().await;
        let two = one.another().await;
        let edge = Edge::before(one.clone(), std::slice::from_ref(&two), |_| Ok(())).await;
        let pair = Self { edge, home: one, other: two };
        pair.until_states(["serving", "serving"]).await;
        assert_eq!(pair.read().await.status(), 200);
        let Self { edge, home, other } = pair;
        match home.calls("get_client").len() {
            1 => Self { edge, home, other },
            _ => Self { edge, home: other, other: home },
        }
    }

    pub async fn read(&self) -> Response {
        self.edge.get("/api/clients/me").await
    }

    async fn send(&self) -> (u16, Value) {
        let body = json!({"to": "+14155550123", "text": "Hello"});
        let answer = self.edge.post("/api/messages/text", body).await;
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    async fn deliver(&self, body: String) -> Response {
        let mac = Hmac::<Sha256>::new_from_slice(APP_SECRETS[0].as_bytes()).expect("key");
        let bytes = mac.chain_update(&body).finalize().into_bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let request = self.edge.bare(Method::POST, "/api/webhooks");
        let request = request.header("x-hub-signature-256", format!("sha256={hex}")).body(body);
        request.send().await.expect("answer")
    }

    /// What the edge knows of a core.
    async fn state_of(&self, core: &FakeCore) -> String {
        let request = self.edge.bare(Method::GET, "/supervision/connectivity");
        let answer = request.header("email", "a@b.c").header("role", "ADMIN").send().await;
        let known: Value = answer.expect("answer").json().await.expect("json");
        let url = format!("http://{}", core.address);
        let known = known["cores"].as_array().expect("cores").iter();
        let core = known.into_iter().find(|known| known["url"] == url).expect("is known");
        core["state"].as_str().expect("a state").to_owned()
    }

    /// Waits until the edge knows this of the two.
    pub async fn until_states(&self, states: [&str; 2]) {
        let until = Instant::now() + PATIENCE;
        while [self.state_of(&self.home).await, self.state_of(&self.other).await] != states {
            assert!(Instant::now() < until, "never {states:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a call has come to the recruiter's core.
    async fn until_home_sees(&self, method: &str) {
        let until = Instant::now() + PATIENCE;
        while self.home.calls(method).is_empty() {
            assert!(Instant::now() < until, "never {method}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn slow(core: &FakeCore, delay: Duration) {
    *core.state.delay.lock().expect("lock") = delay;
}

/// A field of the request as the core saw it.
fn part<'a>(request: &'a str, name: &str) -> &'a str {
    let rest = request.split_once(&format!("{name}: ")).expect("field").1;
    rest.split(',').next().expect("value")
}

#[tokio::test]
async fn a_core_that_dies_is_not_missed() {
    let pair = Pair::start().await;
    pair.home.stop();
    for n in 0..20 {
        assert_eq!(pair.read().await.status(), 200);
        assert_eq!(pair.send().await.0, 201);
        assert_eq!(pair.deliver(format!("{{\"n\":{n}}}")).await.status(), 200);
    }
    assert_eq!(pair.other.calls("deliver").len(), 20);
    pair.until_states(["away", "serving"]).await;
    let ready = pair.edge.bare(Method::GET, "/health/ready").send().await.expect("answer");
    assert_eq!(ready.status(), 200, "one is enough");
}

#[tokio::test]
async fn a_send_whose_core_dies_is_the_same_send_at_the_next() {
    let pair = Pair::start().await;
    slow(&pair.home, PATIENCE);
    let killed = async {
        pair.until_home_sees("send_text").await;
        pair.home.stop();
    };
    let ((status, _), ()) = tokio::join!(pair.send(), killed);
    assert_eq!(status, 201);
    let (first, second) = (pair.home.calls("send_text"), pair.other.calls("send_text"));
    assert_eq!((first.len(), second.len()), (1, 1));
    let id = |seen: &str| part(seen, "message_id").to_owned();
    assert_eq!(id(&first[0].request), id(&second[0].request));
    assert_eq!(first[0].request_id, second[0].request_id);
}

#[tokio::test]
async fn what_could_happen_twice_is_not_asked_twice() {
    let pair = Pair::start().await;
    slow(&pair.home, PATIENCE);
    let killed = async {
        pair.until_home_sees("create_client").await;
        pair.home.stop();
    };
    let (answer, ()) = tokio::join!(pair.edge.post("/api/clients", json!({})), killed);
    let (status, name, _) = problem(answer).await;
    assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(pair.other.calls("create_client").len(), 0);
    // A core that is not reached has seen nothing, so the next one may be asked.
    assert_eq!(pair.edge.post("/api/clients", json!({})).await.status(), 201);
}

#[tokio::test]
async fn what_a_core_says_is_the_answer() {
    let pair = Pair::start().await;
    for status in [Status::unavailable("store away"), Status::internal("a fault")] {
        pair.home.fail(status);
        assert!(pair.read().await.status().is_server_error());
        assert!(pair.send().await.0 >= 500);
    }
    assert_eq!(pair.other.calls("get_client").len() + pair.other.calls("send_text").len(), 0);
}

#[tokio::test]
async fn a_slow_core_is_waited_for() {
    let pair = Pair::start().await;
    slow(&pair.home, Duration::from_millis(1_500));
    assert_eq!(pair.read().await.status(), 200);
    assert_eq!(pair.send().await.0, 201);
    assert_eq!(pair.other.calls("get_client").len() + pair.other.calls("send_text").len(), 0);
}

#[tokio::test]
async fn a_core_that_hangs_costs_no_delivery_and_no_read() {
    let pair = Pair::start().await;
    let halted = pair.home.halt();
    let began = Instant::now();
    let bodies = (0..32).map(|n| pair.deliver(format!("{{\"n\":{n}}}")));
    let (delivered, read, (sent, _)) =
        tokio::join!(futures_util::future::join_all(bodies), pair.read(), pair.send());
    assert!(delivered.iter().all(|answer| answer.status() == 200));
    assert_eq!((read.status().as_u16(), sent), (200, 201));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());

    // Once it is known nobody waits for it.
    pair.until_states(["away", "serving"]).await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(pair.read().await.status(), 200);
        assert_eq!(pair.deliver("{}".to_owned()).await.status(), 200);
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    drop(halted);
    pair.until_states(["serving", "serving"]).await;
    let before = pair.home.calls("get_client").len();
    assert_eq!(pair.read().await.status(), 200);
    assert_eq!(pair.home.calls("get_client").len(), before + 1, "its owners are its own again");
}

#[tokio::test]
async fn when_all_hang_meta_is_told_in_time() {
    let pair = Pair::start().await;
    let _halted = (pair.home.halt(), pair.other.halt());
    let began = Instant::now();
    let answer = pair.deliver("{}".to_owned()).await;
    assert_eq!(problem(answer).await.0, 503);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_core_that_does_not_serve_is_asked_last() {
    let pair = Pair::start().await;
    let before = pair.home.calls("get_client").len();
    pair.home.serves(false).await;
    pair.until_states(["not serving", "serving"]).await;
    for _ in 0..5 {
        assert_eq!(pair.read().await.status(), 200);
    }
    assert_eq!(pair.home.calls("get_client").len(), before);
    pair.other.stop();
    pair.until_states(["not serving", "away"]).await;
    assert_eq!(pair.read().await.status(), 200, "better than none");
    assert_eq!(pair.home.calls("get_client").len(), before + 1);
    pair.home.serves(true).await;
    pair.until_states(["serving", "away"]).await;
}
