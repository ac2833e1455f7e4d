//! The way to the cores by TLS: what works, and what each thing that is wrong looks like.

use std::time::{Duration, Instant};

use dev_certificates::{Authority, Files, Pair};
use edge_gateway::config::{Secret, TlsFiles};
use reqwest::Method;
use serde_json::json;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::{
    fake::FakeCore,
    harness::{Edge, PATIENCE, TOKEN, problem},
    logged::Logged,
};

/// Two authorities: one for both sides, and one that nobody has asked.
struct World {
    ours: Authority,
    foreign: Authority,
    files: Files,
}

impl World {
    fn new() -> Self {
        let (ours, foreign) = (Authority::new("ours"), Authority::new("foreign"));
        Self { ours, foreign, files: Files::new() }
    }

    /// What the edge is told: whose cores to believe, and what to show.
    fn files(&self, cores: &Authority, shown: Option<&Pair>) -> TlsFiles {
        TlsFiles {
            edge_tls_ca: Some(self.files.put("ca.pem", &cores.pem).into()),
            edge_tls_cert: shown.map(|pair| self.files.put("edge.pem", &pair.certificate).into()),
            edge_tls_key: shown.map(|pair| {
                let key = self.files.put("edge.key", &pair.key);
                Secret::from(key.to_str().expect("a path"))
            }),
        }
    }
}

/// What a core serves with; with an authority of callers, only their certificates will do.
fn serving(pair: &Pair, callers: Option<&Authority>) -> ServerTlsConfig {
    let identity = Identity::from_pem(&pair.certificate, &pair.key);
    let config = ServerTlsConfig::new().identity(identity);
    match callers {
        Some(callers) => config.client_ca_root(Certificate::from_pem(&callers.pem)),
        None => config,
    }
}

async fn edge(core: FakeCore, scheme: &str, files: TlsFiles) -> Edge {
    let url = format!("{scheme}://{}", core.address);
    let change = |config: &mut edge_gateway::Config| {
        config.core_url = url.parse().expect("url");
        config.tls = files;
        Ok(())
    };
    Edge::before(core, &[], change).await
}

async fn until_ready(edge: &Edge) {
    let until = Instant::now() + PATIENCE;
    while edge.bare(Method::GET, "/health/ready").send().await.expect("answer").status() != 200 {
        assert!(Instant::now() < until, "never ready");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The edge must know the core as away, refuse within its deadline, and say why, once.
async fn is_away(core: FakeCore, scheme: &str, files: TlsFiles, why: &str) {
    let log = Logged::start();
    let edge = edge(core, scheme, files).await;
    // Several tries of the edge's own, and one for each call.
    edge.core.until_connections(4).await;
    for path in ["/api/clients/me", "/api/conversations"] {
        let began = Instant::now();
        let (status, name, body) = problem(edge.get(path).await).await;
        assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"), "{body}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    let ready = edge.bare(Method::GET, "/health/ready").send().await.expect("answer");
    assert_eq!(ready.status(), 503);
    let tried = *edge.core.state.connections.borrow();
    edge.core.until_connections(tried + 2).await;
    let lines = log.lines(" is away: ");
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains(why), "{lines:#?} does not say {why}");
    assert!(edge.core.state.seen.lock().expect("lock").is_empty(), "it was spoken to");
}

#[tokio::test]
async fn calls_health_and_streams_go_by_tls() {
    let world = World::new();
    let core = serving(&world.ours.server(&["localhost", "127.0.0.1"]), None);
    let edge =
        edge(FakeCore::start_with(Some(core)).await, "https", world.files(&world.ours, None)).await;
    until_ready(&edge).await;
    assert_eq!(edge.get("/api/clients/me").await.status(), 200);
    let body = json!({"to": "+14155550123", "text": "Hello"});
    assert_eq!(edge.post("/api/messages/text", body).await.status(), 201);
    let mut socket = edge.socket("").await.expect("a socket");
    assert_eq!(socket.frame().await["type"], "ready");
    edge.core.until_streams(1).await;
    // One that does not fit into a record of TLS.
    let cursor = edge.core.happen(100_000);
    assert_eq!(socket.frame().await["id"], cursor.as_str());

    edge.core.serves(false).await;
    let until = Instant::now() + PATIENCE;
    while edge.bare(Method::GET, "/health/ready").send().await.expect("answer").status() != 503 {
        assert!(Instant::now() < until, "its health is not followed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_core_that_dies_is_not_missed_by_tls_either() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), None);
    let one = FakeCore::start_with(Some(core)).await;
    let two = one.another().await;
    let urls = format!("https://{},https://{}", one.address, two.address);
    let files = world.files(&world.ours, None);
    let edge = Edge::before(one, std::slice::from_ref(&two), |config| {
        config.core_url = urls.parse().expect("urls");
        config.tls = files;
        Ok(())
    })
    .await;
    until_ready(&edge).await;
    assert_eq!(edge.get("/api/clients/me").await.status(), 200);
    let home = if two.calls("get_client").is_empty() { &edge.core } else { &two };
    home.stop();
    for _ in 0..10 {
        assert_eq!(edge.get("/api/clients/me").await.status(), 200);
    }
}

#[tokio::test]
async fn a_certificate_of_the_right_authority_opens_a_core_that_asks_for_one() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), Some(&world.ours));
    let shown = world.ours.client("edge");
    let files = world.files(&world.ours, Some(&shown));
    let edge = edge(FakeCore::start_with(Some(core)).await, "https", files).await;
    until_ready(&edge).await;
    assert_eq!(edge.get("/api/clients/me").await.status(), 200);
    let token = edge.core.calls("get_client")[0].token.clone();
    assert_eq!(token, Some(format!("Bearer {TOKEN}")), "the token is needed all the same");
}

#[tokio::test]
async fn a_core_of_another_authority_is_not_spoken_to() {
    let world = World::new();
    let core = serving(&world.foreign.server(&["127.0.0.1"]), None);
    let core = FakeCore::start_with(Some(core)).await;
    is_away(core, "https", world.files(&world.ours, None), "no authority in EDGE_TLS_CA").await;
}

#[tokio::test]
async fn a_core_of_another_name_is_not_spoken_to() {
    let world = World::new();
    let core = serving(&world.ours.server(&["core.example"]), None);
    let core = FakeCore::start_with(Some(core)).await;
    is_away(core, "https", world.files(&world.ours, None), "not valid for name").await;
}

#[tokio::test]
async fn without_a_certificate_a_core_that_asks_for_one_is_away() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), Some(&world.ours));
    let core = FakeCore::start_with(Some(core)).await;
    is_away(core, "https", world.files(&world.ours, None), "(EDGE_TLS_CERT)").await;
}

#[tokio::test]
async fn with_a_certificate_of_another_authority_a_core_is_away() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), Some(&world.ours));
    let core = FakeCore::start_with(Some(core)).await;
    let shown = world.foreign.client("edge");
    is_away(core, "https", world.files(&world.ours, Some(&shown)), "(EDGE_TLS_CERT)").await;
}

#[tokio::test]
async fn plain_text_gets_nowhere_at_a_core_that_speaks_tls() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), None);
    let core = FakeCore::start_with(Some(core)).await;
    is_away(core, "http", TlsFiles::default(), "https:// in CORE_URL").await;
}

#[tokio::test]
async fn tls_gets_nowhere_at_a_core_that_speaks_plain_text() {
    let world = World::new();
    let core = FakeCore::start().await;
    is_away(core, "https", world.files(&world.ours, None), "it does not speak TLS").await;
}

#[tokio::test]
async fn a_core_that_comes_back_and_goes_again_is_told_of_again() {
    let world = World::new();
    let core = serving(&world.ours.server(&["127.0.0.1"]), None);
    let core = FakeCore::start_with(Some(core)).await;
    let log = Logged::start();
    let edge = edge(core, "https", world.files(&world.ours, None)).await;
    until_ready(&edge).await;
    assert_eq!(log.lines(" is away: "), Vec::<String>::new());
    edge.core.stop();
    let until = Instant::now() + PATIENCE;
    while log.lines(" is away: ").is_empty() {
        assert!(Instant::now() < until, "nothing is told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(log.lines(" is away: ")[0].contains("it cannot be reached"));
}
