//! The way to the cores: which one, how long, in whose name.
//!
//! Every core has three connections: one for calls, one for streams and one for files, so that what is
//! full never delays a call. An owner's calls go to one core (rendezvous hash), a hint that keeps an owner's
//! work in one place; cores that do not serve come last. A call goes on to the next core when no
//! connection came about, as nothing can have happened then. One that may be repeated ([`calls`] says
//! which) also goes on when its connection breaks or its core falls silent. No core is asked twice.

mod attempt;
mod calls;
mod download;
mod health;
mod node;
mod rendezvous;
mod stream;
mod trouble;

use std::{future::Future, sync::Arc, time::Duration};

use linkojob_proto::v1 as pb;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status, metadata::AsciiMetadataValue, transport::Channel};

use self::{
    attempt::{Attempt, Repeat, attempt},
    node::Node,
};
pub use self::{calls::DELIVER_DEADLINE, health::State};
pub(crate) use self::{download::Download, stream::Events};
use crate::{
    config::{ConfigError, CoreUrl, CoreUrls, Secret, Tls},
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
    /// When the token cannot be a header, or an address cannot be spoken to.
    pub fn new(urls: &CoreUrls, token: &Secret, tls: Option<&Tls>) -> Result<Self, ConfigError> {
        let mut authorization = AsciiMetadataValue::try_from(format!("Bearer {}", token.reveal()))
            .map_err(|_| ConfigError::invalid("CORE_SERVICE_TOKEN", "has forbidden characters"))?;
        authorization.set_sensitive(true);
        let nodes = urls.iter().map(|url| Node::new(url, tls));
        let nodes: Vec<Node> = nodes.collect::<Result<_, _>>()?;
        warn_of_plain_text(urls);
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
        for (_, node) in rendezvous::order(&self.nodes, name) {
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
    ) -> Result<Events, Status> {
        let message = pb::SubscribeRequest { subscriptions: vec![subscription] };
        let terms = Terms { deadline: STREAM_OPEN, lane: Lane::Streams, repeat: Repeat::Safe };
        let (stream, node) = self
            .run(call, terms, message, |channel, request| async move {
                let mut client = pb::event_service_client::EventServiceClient::new(channel)
                    .max_decoding_message_size(MESSAGE_LIMIT);
                client.subscribe(request).await
            })
            .await?;
        let leaving = self.nodes[node].leaving();
        Ok(Events { stream, leaving, core: self.clone(), node, key: call.key.clone() })
    }

    /// The number of the core that does the work of this key; none while no core serves.
    fn home(&self, key: &str) -> Option<usize> {
        let (number, node) = rendezvous::order(&self.nodes, key).into_iter().next()?;
        (node.state() == State::Serving).then_some(number)
    }

    /// Makes one call, at each core at most once; gives the answer and the number of the core.
    async fn run<Req, Res, F, Fut>(
        &self,
        call: &Call,
        terms: Terms,
        message: Req,
        send: F,
    ) -> Result<(Res, usize), Status>
    where
        Req: Clone,
        F: Fn(Channel, Request<Req>) -> Fut,
        Fut: Future<Output = Result<Response<Res>, Status>>,
    {
        let Terms { deadline, lane, repeat } = terms;
        let until = Instant::now() + deadline;
        let mut last = Status::unavailable("no core is configured");
        let order = rendezvous::order(&self.nodes, &call.key);
        let mut others = order.len();
        for (number, node) in order {
            others -= 1;
            let mut request = self.request(call, message.clone())?;
            let channel = match lane {
                Lane::Calls => {
                    request.set_timeout(until.saturating_duration_since(Instant::now()));
                    node.calls()
                }
                Lane::Streams => node.streams(),
                Lane::Files => node.files(),
            };
            let may_move = others > 0 && repeat == Repeat::Safe;
            match attempt(node, send(channel, request), until, may_move).await {
                Attempt::Settled(answer) => return answer.map(|answer| (answer, number)),
                Attempt::NotReached(status) => {
                    node.doubt();
                    last = status;
                }
                Attempt::Lost(status) if may_move => {
                    tracing::info!(
                        core.url = node.name(),
                        "a call goes on to another core: {}",
                        status.message()
                    );
                    last = status;
                }
                Attempt::Lost(status) => return Err(status),
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

/// Tokens, and what people write to each other, pass with every call.
fn warn_of_plain_text(urls: &CoreUrls) {
    let exposed = urls.iter().filter(|url| url.is_exposed());
    let exposed = exposed.map(CoreUrl::as_str).collect::<Vec<_>>().join(", ");
    if !exposed.is_empty() {
        tracing::warn!(
            "calls to {exposed} pass in plain text; unless that network keeps them safe, use \
             https:// in CORE_URL, with EDGE_TLS_CA"
        );
    }
}

/// How a call is made.
#[derive(Clone, Copy, Debug)]
struct Terms {
    deadline: Duration,
    lane: Lane,
    repeat: Repeat,
}

/// Which connection of a core is used.
#[derive(Clone, Copy, Debug)]
enum Lane {
    Calls,
    Streams,
    Files,
}
