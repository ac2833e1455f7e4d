//! Follows a core's health by the standard health service.
//!
//! The stream of the service tells at once what a core knows of itself. What a core cannot tell is
//! that it hangs; so it is also asked, over the connection of the calls, now and then and whenever
//! a call has waited for long.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic::{Code, Streaming};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient,
};

use super::{
    node::Node,
    trouble::{Told, Trouble},
};

const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(2);
const ASK: Duration = Duration::from_secs(2);
/// How often a core is asked that says nothing.
const REGULARLY: Duration = Duration::from_secs(2);
/// A core that is asked and silent for so long is away. A webhook that was given to it can still be
/// kept by another one within its deadline.
const SILENCE: Duration = Duration::from_millis(800);

/// What is known of a core, from the best on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Serves.
    Serving,
    /// Answers, but cannot serve: its store is away or it drains.
    NotServing,
    /// Cannot be reached, or does not answer.
    Away,
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
    let mut told = Told::default();
    loop {
        match open(node).await {
            Ok(stream) => {
                pause = FIRST_RETRY;
                told.forget();
                follow(node, stream).await;
            }
            Err(trouble) => told.tell(node, &trouble),
        }
        node.set_state(State::Away);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_RETRY);
    }
}

/// Opens the health stream of a core that answers calls, too.
async fn open(node: &Node) -> Result<Streaming<HealthCheckResponse>, Trouble> {
    answers(node, ASK).await?;
    let mut client = HealthClient::new(node.streams());
    let request = HealthCheckRequest { service: String::new() };
    match timeout(ASK, client.watch(request)).await {
        Ok(Ok(stream)) => Ok(stream.into_inner()),
        Ok(Err(status)) => Err(Trouble::of(&status, node.is_secure())
            .unwrap_or_else(|| Trouble::Unreachable(status.message().to_owned()))),
        Err(_) => Err(Trouble::Silent),
    }
}

/// Reads a health stream until it ends or the core falls silent.
async fn follow(node: &Node, mut stream: Streaming<HealthCheckResponse>) {
    let mut regularly = interval(REGULARLY);
    regularly.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let answer = tokio::select! {
            said = stream.message() => match said {
                Ok(Some(answer)) => answer,
                Ok(None) | Err(_) => return,
            },
            () = ask_when_due(node, &mut regularly) => return,
        };
        node.set_state(match answer.status() {
            ServingStatus::Serving => State::Serving,
            ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown => {
                State::NotServing
            }
        });
    }
}

/// Asks a core whether it is there, now and then and when somebody doubts it; back when it is not.
async fn ask_when_due(node: &Node, regularly: &mut tokio::time::Interval) {
    loop {
        tokio::select! {
            _ = regularly.tick() => {}
            () = node.doubted() => {}
        }
        if answers(node, SILENCE).await.is_err() {
            return;
        }
    }
}

/// Good when the core answers in time, whatever it says.
async fn answers(node: &Node, within: Duration) -> Result<(), Trouble> {
    let mut client = HealthClient::new(node.calls());
    let request = HealthCheckRequest { service: String::new() };
    match timeout(within, client.check(request)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(status)) => Trouble::of(&status, node.is_secure()).map_or(Ok(()), Err),
        Err(_) => Err(Trouble::Silent),
    }
}

/// Asks once for a named part; none when nobody answers or the part has no health of its own.
pub(super) async fn ask(node: &Node, part: &str) -> Option<bool> {
    let mut client = HealthClient::new(node.calls());
    let request = HealthCheckRequest { service: part.to_owned() };
    match timeout(ASK, client.check(request)).await {
        Ok(Ok(answer)) => Some(answer.into_inner().status() == ServingStatus::Serving),
        Ok(Err(status)) if status.code() == Code::NotFound => None,
        Ok(Err(_)) | Err(_) => None,
    }
}
