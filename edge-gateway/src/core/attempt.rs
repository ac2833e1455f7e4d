//! One call at one core, and what its end says about asking another one.
//!
//! Invariant: a call that may have been carried out is only ever repeated when repeating it changes
//! nothing.

use std::{
    convert::Infallible,
    error::Error,
    future::{Future, pending},
    time::Duration,
};

use tokio::time::{Instant, sleep, sleep_until};
use tonic::{Code, ConnectError, Response, Status, TimeoutExpired};

use super::{health::State, node::Node};

/// A core that has not answered for so long is asked whether it is still there.
const DOUBT: Duration = Duration::from_millis(300);
/// How long a core gets that is not known to serve while there are others to ask.
const TRY: Duration = Duration::from_secs(1);

/// Whether a call may be made once more when it is not known to have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It reads, or it carries what makes a second one the same: a delivery its bytes, a send its id.
    Safe,
    /// A second one could do something a second time.
    Never,
}

/// How a call at one core ended.
#[derive(Debug)]
pub(super) enum Attempt<T> {
    /// The core answered, or the caller's time is over.
    Settled(Result<T, Status>),
    /// No connection came about: the core cannot have seen it.
    NotReached(Status),
    /// The connection broke, or the core fell silent: it may have been carried out.
    Lost(Status),
}

/// Makes a call. One that may be given up for another core is, as soon as this one is found to have
/// fallen silent: whether it is slow or gone is asked of the core, not guessed from the clock.
pub(super) async fn attempt<T>(
    node: &Node,
    call: impl Future<Output = Result<Response<T>, Status>>,
    until: Instant,
    may_move: bool,
) -> Attempt<T> {
    let mut leaving = node.leaving();
    let limit = match node.state() {
        State::NotServing | State::Away if may_move => until.min(Instant::now() + TRY),
        State::Serving | State::NotServing | State::Away => until,
    };
    let doubt = async {
        sleep(DOUBT).await;
        node.doubt();
        pending::<Infallible>().await
    };
    let gone = async {
        match may_move {
            true => leaving.gone().await,
            false => pending().await,
        }
    };
    tokio::select! {
        biased;
        answer = call => sort(answer),
        () = sleep_until(limit) => match limit < until {
            true => silent(),
            false => Attempt::Settled(Err(late())),
        },
        () = gone => silent(),
        never = doubt => match never {},
    }
}

fn sort<T>(answer: Result<Response<T>, Status>) -> Attempt<T> {
    let status = match answer {
        Ok(answer) => return Attempt::Settled(Ok(answer.into_inner())),
        Err(status) => status,
    };
    // What a core said has no source; what befell the connection has.
    if status.source().is_none() {
        Attempt::Settled(Err(status))
    } else if has_source::<TimeoutExpired>(&status) {
        Attempt::Settled(Err(late()))
    } else if status.code() == Code::Unavailable && has_source::<ConnectError>(&status) {
        Attempt::NotReached(status)
    } else {
        let words = format!("the connection to the core broke: {}", status.message());
        Attempt::Lost(Status::unavailable(words))
    }
}

fn has_source<E: Error + 'static>(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<E>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn late() -> Status {
    Status::deadline_exceeded("the core did not answer in time")
}

fn silent<T>() -> Attempt<T> {
    Attempt::Lost(Status::unavailable("the core fell silent"))
}
