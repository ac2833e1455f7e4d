//! The way to the cores: which one, how long, in whose name.
//!
//! Every core has two connections: one for calls and one for streams, so that a full stream never
//! delays a call. An owner's calls go to one core (rendezvous hash), a hint that keeps an owner's
//! work in one place. A call goes on to the next core only when no connection came about: nothing
//! can have happened then.

mod calls;
mod health;
mod node;
mod rendezvous;

use std::{error::Error as _, future::Future, sync::Arc, time::Duration};

use linkojob_proto::v1 as pb;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{
    Code, ConnectError, Request, Response, Status, Streaming, metadata::AsciiMetadataValue,
    transport::Channel,
};

use self::node::Node;
pub use self::{calls::DELIVER_DEADLINE, health::State};
use crate::{
    config::{ConfigError, CoreUrls, Secret},
    identity::{Actor, RequestId},
};

/// Largest message in either direction: a webhook body of 4 MiB and its frame fit.
pub(crate) const MESSAGE_LIMIT: usize = 8 * 1024 * 1024;

/// Longest wait for a stream to open.
const STREAM_OPEN: Duration = Duration::from_secs(5);

/// For whom a call is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The person acted for; none: the edge itself.
    pub actor: Option<Actor>,
    /// Repeated in the core's logs.
    pub request_id: RequestId,
    /// Chooses the core.
    pub key: String,
}

/// The cores. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core {
    nodes: Arc<[Node]>,
    authorization: AsciiMetadataValue,
}

impl Core {
    /// Prepares the connections; none is opened yet.
    ///
    /// # Errors
    /// When the token cannot be a header.
    pub fn new(urls: &CoreUrls, token: &Secret) -> Result<Self, ConfigError> {
        let mut authorization = AsciiMetadataValue::try_from(format!("Bearer {}", token.reveal()))
            .map_err(|_| ConfigError::invalid("CORE_SERVICE_TOKEN", "has forbidden characters"))?;
        authorization.set_sensitive(true);
        let nodes: Vec<Node> = urls.iter().map(Node::new).collect::<Result<_, _>>()?;
        Ok(Self { nodes: nodes.into(), authorization })
    }

    /// Starts to watch the health of every core.
    pub fn watch(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for index in 0..self.nodes.len() {
            let (nodes, stop) = (self.nodes.clone(), stop.clone());
            tasks.spawn(async move {
                let node = &nodes[index];
                let _ended = stop.run_until_cancelled(health::watch(node)).await;
            });
        }
    }

    /// Every core with what is known of it.
    pub fn states(&self) -> impl Iterator<Item = (&str, State)> {
        self.nodes.iter().map(|node| (node.name(), node.state()))
    }

    /// True when at least one core serves.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.nodes.iter().any(|node| node.state() == State::Serving)
    }

    /// Asks the cores for the health of one part; none when no core answers or knows the part.
    pub async fn part(&self, name: &str) -> Option<bool> {
        for node in self.nodes.iter() {
            if let Some(serving) = health::ask(node, name).await {
                return Some(serving);
            }
        }
        None
    }

    /// Opens the stream that follows one owner's log.
    pub(crate) async fn subscribe(
        &self,
        call: &Call,
        subscription: pb::Subscription,
    ) -> Result<Streaming<pb::SubscribeResponse>, Status> {
        let message = pb::SubscribeRequest { subscriptions: vec![subscription] };
        self.run(call, STREAM_OPEN, Lane::Streams, message, |channel, request| async move {
            let mut client = pb::event_service_client::EventServiceClient::new(channel)
                .max_decoding_message_size(MESSAGE_LIMIT);
            client.subscribe(request).await
        })
        .await
    }

    /// One call: in order of preference, on to the next core only when none was reached.
    async fn run<Req, Res, F, Fut>(
        &self,
        call: &Call,
        deadline: Duration,
        lane: Lane,
        message: Req,
        send: F,
    ) -> Result<Res, Status>
    where
        Req: Clone,
        F: Fn(Channel, Request<Req>) -> Fut,
        Fut: Future<Output = Result<Response<Res>, Status>>,
    {
        let until = Instant::now() + deadline;
        let mut last = Status::unavailable("no core is configured");
        for node in rendezvous::order(&self.nodes, &call.key) {
            let mut request = self.request(call, message.clone())?;
            let channel = match lane {
                Lane::Calls => {
                    request.set_timeout(until.saturating_duration_since(Instant::now()));
                    node.calls()
                }
                Lane::Streams => node.streams(),
            };
            match tokio::time::timeout_at(until, send(channel, request)).await {
                Err(_) => return Err(Status::deadline_exceeded("the core did not answer in time")),
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) if not_reached(&status) => {
                    node.set_state(State::Away);
                    last = status;
                }
                Ok(Err(status)) => return Err(status),
            }
        }
        Err(last)
    }

    fn request<T>(&self, call: &Call, message: T) -> Result<Request<T>, Status> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.authorization.clone());
        let mut put = |name: &'static str, value: &str| match AsciiMetadataValue::try_from(value) {
            Ok(value) => {
                metadata.insert(name, value);
                Ok(())
            }
            Err(_) => Err(Status::internal("identity cannot be put into metadata")),
        };
        put("x-request-id", call.request_id.as_str())?;
        if let Some(Actor { email, role }) = &call.actor {
            put("x-actor-email", email.as_str())?;
            put("x-actor-role", role.as_str())?;
        }
        Ok(request)
    }
}

/// Which connection of a core is used.
#[derive(Clone, Copy)]
enum Lane {
    Calls,
    Streams,
}

/// True when no connection came about, so that the core cannot have seen the call.
fn not_reached(status: &Status) -> bool {
    if status.code() != Code::Unavailable {
        return false;
    }
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}
