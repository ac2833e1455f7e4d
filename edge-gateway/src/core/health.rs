//! Follows a core's health by the standard health service.

use std::time::Duration;

use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::node::Node;

const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(2);
const ASK: Duration = Duration::from_secs(2);

/// What is known of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Cannot be reached.
    Away,
    /// Answers, but cannot serve: its store is away or it drains.
    NotServing,
    /// Serves.
    Serving,
}

impl State {
    /// The word for logs and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::NotServing => "not serving",
            Self::Serving => "serving",
        }
    }
}

/// Keeps a node's state true; never returns.
pub(super) async fn watch(node: &Node) {
    let mut pause = FIRST_RETRY;
    loop {
        if follow(node).await {
            pause = FIRST_RETRY;
        }
        node.set_state(State::Away);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_RETRY);
    }
}

/// Reads one health stream to its end; true when it said anything.
async fn follow(node: &Node) -> bool {
    let mut client = HealthClient::new(node.streams());
    let request = HealthCheckRequest { service: String::new() };
    let Ok(answer) = client.watch(request).await else { return false };
    let mut stream = answer.into_inner();
    let mut heard = false;
    while let Ok(Some(answer)) = stream.message().await {
        heard = true;
        node.set_state(match answer.status() {
            ServingStatus::Serving => State::Serving,
            ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown => {
                State::NotServing
            }
        });
    }
    heard
}

/// Asks once for a named part; none when nobody answers or the part has no health of its own.
pub(super) async fn ask(node: &Node, part: &str) -> Option<bool> {
    let mut client = HealthClient::new(node.calls());
    let request = HealthCheckRequest { service: part.to_owned() };
    match tokio::time::timeout(ASK, client.check(request)).await {
        Ok(Ok(answer)) => Some(answer.into_inner().status() == ServingStatus::Serving),
        Ok(Err(status)) if status.code() == Code::NotFound => None,
        Ok(Err(_)) | Err(_) => None,
    }
}
