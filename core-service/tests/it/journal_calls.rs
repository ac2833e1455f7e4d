//! The journal over gRPC, and the numbers that a core tells of itself.

use std::net::SocketAddr;

use core_service::{app::App, clock::Clock, config::Config, metrics};
use linkojob_proto::v1::{
    self as pb, DeliveryFilter, DeliveryState, ElementFate,
    webhook_service_client::WebhookServiceClient,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, transport::Channel};

use crate::{
    kit,
    lanes::{body, one, until},
};

const EDGE: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
const ADMIN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A core on real ports, in a folder of its own; it ends with the test.
struct Running {
    calls: WebhookServiceClient<Channel>,
    numbers: SocketAddr,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn by<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

impl Running {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::from_args([
            "core-service".to_owned(),
            format!("--embedded-path={}", folder.path().display()),
            "--token-keys=1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned(),
            format!("--core-service-tokens=edge:{EDGE}:edge,ops:{ADMIN}:admin"),
        ]);
        let stop = CancellationToken::new();
        let app = App::build(config.unwrap(), Clock::default(), stop.clone()).await.unwrap();
        let (listener, address) = listen().await;
        let (for_numbers, numbers) = listen().await;
        let told = app.core().metrics.clone();
        tokio::spawn(metrics::serve(told, for_numbers, stop.clone()));
        tokio::spawn(app.serve(listener));
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        Self { calls: WebhookServiceClient::new(channel), numbers, stop, _folder: folder }
    }

    async fn deliver(&self, body: &str) {
        let request = pb::DeliverRequest { body: body.to_owned().into() };
        self.calls.clone().deliver(by(EDGE, request)).await.unwrap();
    }

    async fn list(&self, request: pb::ListDeliveriesRequest) -> pb::ListDeliveriesResponse {
        self.calls.clone().list_deliveries(by(ADMIN, request)).await.unwrap().into_inner()
    }

    async fn failed(&self) -> Vec<pb::Delivery> {
        let filter = DeliveryFilter::Failed.into();
        self.list(pb::ListDeliveriesRequest { filter, ..Default::default() }).await.deliveries
    }

    async fn get(&self, id: i64, with_body: bool) -> pb::GetDeliveryResponse {
        let request = pb::GetDeliveryRequest { id, with_body };
        self.calls.clone().get_delivery(by(ADMIN, request)).await.unwrap().into_inner()
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn operators_look_and_ask_again() {
    let core = Running::start().await;
    for name in ["a", "b", "c"] {
        core.deliver(&body(&kit::number(), &one(name)).to_string()).await;
    }
    core.deliver("no JSON").await;
    until(async || core.failed().await.len() == 4).await;

    // Page by page.
    let (mut seen, mut to_id) = (Vec::new(), None);
    loop {
        let request = pb::ListDeliveriesRequest { page_size: 3, to_id, ..Default::default() };
        let page = core.list(request).await;
        seen.extend(page.deliveries.into_iter().map(|row| row.id));
        to_id = page.next_id;
        if to_id.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");

    let shown = core.get(seen[3], false).await;
    let row = shown.delivery.expect("it is there");
    assert_eq!((row.state(), row.set_aside), (DeliveryState::AppliedInPart, 1));
    let [element] = &shown.elements[..] else { panic!("{:?}", shown.elements) };
    assert_eq!((element.kind.as_str(), element.fate()), ("message", ElementFate::SetAside));
    assert_eq!(element.about, kit::number().as_str());
    assert!(shown.body.is_empty());
    assert!(!core.get(seen[3], true).await.body.is_empty());
    assert_eq!(core.get(i64::MAX, true).await, pb::GetDeliveryResponse::default());

    let mut calls = core.calls.clone();
    let everything = pb::ReplayDeliveriesRequest { from_id: 0, to_id: i64::MAX, only_failed: true };
    let asked = calls.replay_deliveries(by(ADMIN, everything)).await.unwrap().into_inner();
    assert_eq!((asked.asked, asked.next_id), (4, None));
    until(async || core.failed().await.iter().filter(|row| row.replayed_at.is_some()).count() == 4)
        .await;
    let backwards = pb::ReplayDeliveriesRequest { from_id: 2, to_id: 1, only_failed: false };
    let refused = calls.replay_deliveries(by(ADMIN, backwards)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let refused = calls.replay_deliveries(by(EDGE, everything)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

/// Asks as Prometheus does.
async fn scrape(address: SocketAddr, path: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: core\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn its_numbers_are_served_beside_it() {
    let core = Running::start().await;
    core.deliver("no JSON").await;
    let line = format!("\n{} 1\n", metrics::SET_ASIDE);
    until(async || scrape(core.numbers, "/metrics").await.contains(&line)).await;
    let line = format!("\n{} 1\n", metrics::FAILED);
    until(async || scrape(core.numbers, "/metrics").await.contains(&line)).await;
    let answer = scrape(core.numbers, "/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains(&format!("\n{} 0\n", metrics::OLDEST_WAITING)), "{answer}");
    assert!(scrape(core.numbers, "/").await.starts_with("HTTP/1.1 404"));
}
