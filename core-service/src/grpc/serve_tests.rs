//! A real core on a real port: the gate, a journey by gRPC, and the drain.

use std::{net::SocketAddr, time::Duration};

use linkojob_proto::v1::{
    self as pb, client_service_client::ClientServiceClient,
    event_service_client::EventServiceClient, subscribe_response::Frame,
    webhook_service_client::WebhookServiceClient,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status, Streaming, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_types::StatusExt as _;

use crate::{app::App, clock::Clock, config::Config};

const EDGE: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
const JOBS: &str = "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj";
const ANA: &str = "ana@example.com";
const LONG: Duration = Duration::from_secs(20);

struct Running {
    channel: Channel,
    stop: CancellationToken,
    served: JoinHandle<()>,
    _folder: TempDir,
}

async fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::from_args([
        "core-service".to_owned(),
        format!("--embedded-path={}", folder.path().display()),
        "--token-keys=1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned(),
        format!("--core-service-tokens=edge:{EDGE}:edge,jobs:{JOBS}:internal"),
    ]);
    let stop = CancellationToken::new();
    let app = App::build(config.unwrap(), Clock::default(), stop.clone()).await.unwrap();
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = app.serve(listener);
    let served = tokio::spawn(async move { serving.await.unwrap() });
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
    Running { channel, stop, served, _folder: folder }
}

/// A request with a token, and a person when a role is given.
fn with<T>(token: &str, role: Option<&str>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
    if let Some(role) = role {
        metadata.insert("x-actor-email", ANA.parse().unwrap());
        metadata.insert("x-actor-role", role.parse().unwrap());
    }
    request
}

fn user<T>(message: T) -> Request<T> {
    with(EDGE, Some("USER"), message)
}

fn reason(status: &Status) -> (Code, String) {
    let info = status.get_error_details().error_info().cloned();
    (status.code(), info.map_or_else(String::new, |info| info.reason))
}

async fn frame(stream: &mut Streaming<pb::SubscribeResponse>) -> Frame {
    let next = tokio::time::timeout(LONG, stream.message()).await.expect("a frame in time");
    next.unwrap().expect("a frame").frame.expect("a form")
}

async fn subscribe(
    channel: &Channel,
    after: &str,
) -> Result<Streaming<pb::SubscribeResponse>, Status> {
    let subscription = pb::Subscription { owner: String::new(), after: after.to_owned() };
    let request = pb::SubscribeRequest { subscriptions: vec![subscription] };
    Ok(EventServiceClient::new(channel.clone()).subscribe(user(request)).await?.into_inner())
}

#[tokio::test]
async fn the_gate_lets_in_whom_the_table_names() {
    let core = running().await;
    let mut clients = ClientServiceClient::new(core.channel.clone());
    let get = pb::GetClientRequest::default;
    let jobs = |owner: &str| pb::GetClientRequest { owner: owner.to_owned(), ..get() };
    let table = [
        (Request::new(get()), Code::Unauthenticated, "UNAUTHENTICATED"),
        (with("wrong", Some("USER"), get()), Code::Unauthenticated, "UNAUTHENTICATED"),
        (with(EDGE, Some("TALENT"), get()), Code::PermissionDenied, "NOT_REQUIRED_ROLE"),
        (with(EDGE, Some("ROOT"), get()), Code::Unauthenticated, "INVALID_ROLE"),
        (with(EDGE, None, get()), Code::PermissionDenied, "NOT_REQUIRED_ROLE"),
        (with(JOBS, Some("ADMIN"), get()), Code::PermissionDenied, "NOT_REQUIRED_ROLE"),
        (with(JOBS, None, get()), Code::InvalidArgument, "VALIDATION_ERROR"),
        (with(JOBS, None, jobs(ANA)), Code::NotFound, "CLIENT_NOT_FOUND"),
        (user(jobs("bea@example.com")), Code::PermissionDenied, "NOT_REQUIRED_ROLE"),
        (user(get()), Code::NotFound, "CLIENT_NOT_FOUND"),
    ];
    for (number, (request, code, name)) in table.into_iter().enumerate() {
        let refused = clients.get_client(request).await.unwrap_err();
        assert_eq!(reason(&refused), (code, name.to_owned()), "row {number}");
    }

    let mut webhooks = WebhookServiceClient::new(core.channel.clone());
    let body = || pb::DeliverRequest { body: bytes::Bytes::from_static(b"{}") };
    let refused = webhooks.deliver(with(JOBS, None, body())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    for duplicate in [false, true] {
        let answer = webhooks.deliver(with(EDGE, None, body())).await.unwrap().into_inner();
        assert_eq!(answer.duplicate, duplicate);
    }
}

#[tokio::test]
async fn what_happens_to_an_owner_is_followed_from_any_cursor() {
    let core = running().await;
    let mut stream = subscribe(&core.channel, "").await.unwrap();
    let Frame::Ready(start) = frame(&mut stream).await else { panic!("not ready first") };
    assert_eq!(start.owner, ANA);

    let create = pb::CreateClientRequest { label: Some("Berlin".to_owned()), ..Default::default() };
    let mut clients = ClientServiceClient::new(core.channel.clone());
    let answer = clients.create_client(user(create)).await.unwrap().into_inner();
    let client = answer.client.unwrap();
    assert!(answer.created);
    assert_eq!((client.owner.as_str(), client.created_by.as_str()), (ANA, ANA));
    assert_eq!(client.status(), pb::ClientStatus::Pending);

    let Frame::Event(event) = frame(&mut stream).await else { panic!("no event") };
    assert_eq!(event.data, Some(pb::event::Data::ClientUpdated(client)));

    let mut events = EventServiceClient::new(core.channel.clone());
    let list = pb::ListEventsRequest { after: start.cursor.clone(), ..Default::default() };
    let page = events.list_events(user(list)).await.unwrap().into_inner();
    assert_eq!((page.events, page.next_cursor), (vec![event.clone()], event.cursor.clone()));
    let position = pb::GetPositionRequest { after: start.cursor, ..Default::default() };
    let position = events.get_position(user(position)).await.unwrap().into_inner();
    assert_eq!((position.cursor, position.reset), (event.cursor.clone(), false));

    let mut resumed = subscribe(&core.channel, &event.cursor).await.unwrap();
    assert!(matches!(frame(&mut resumed).await, Frame::Ready(at) if at.cursor == event.cursor));
    let forged = subscribe(&core.channel, "AAAA").await.unwrap_err();
    assert_eq!(reason(&forged), (Code::InvalidArgument, "INVALID_CURSOR".to_owned()));
}

#[tokio::test]
async fn a_core_that_drains_says_so_and_ends_its_streams() {
    let core = running().await;
    let mut health = HealthClient::new(core.channel.clone());
    let everything = HealthCheckRequest { service: String::new() };
    let mut watch = health.watch(everything).await.unwrap().into_inner();
    loop {
        let said = tokio::time::timeout(LONG, watch.message()).await.expect("health in time");
        if said.unwrap().expect("health").status() == ServingStatus::Serving {
            break;
        }
    }
    let mut stream = subscribe(&core.channel, "").await.unwrap();
    assert!(matches!(frame(&mut stream).await, Frame::Ready(_)));

    core.stop.cancel();
    let ended = tokio::time::timeout(LONG, stream.message()).await.expect("an end in time");
    assert_eq!(ended.unwrap(), None);
    // Nobody closes the connection from this side: open streams must not hold the drain up.
    tokio::time::timeout(Duration::from_secs(5), core.served)
        .await
        .expect("a quick drain")
        .unwrap();
}

#[tokio::test]
async fn reflection_is_off_unless_it_is_switched_on() {
    let core = running().await;
    let mut grpc = tonic::client::Grpc::new(core.channel.clone());
    let path = tonic::codegen::http::uri::PathAndQuery::from_static(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    );
    let codec = tonic_prost::ProstCodec::<pb::GetClientRequest, pb::GetClientResponse>::default();
    grpc.ready().await.unwrap();
    let request = user(pb::GetClientRequest::default());
    let refused = grpc.unary(request, path, codec).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unimplemented);
}
