//! The layer in front of every service: identifies the caller, looks the call up in the table of
//! permissions, and opens the span that its log lines belong to.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::Either;
use tonic::{
    Status,
    body::Body,
    codegen::http::{HeaderMap, Request, Response},
};
use tower::{Layer, Service};
use tracing::{Instrument as _, instrument::Instrumented};

use super::{caller::Caller, identity::identify, tokens::ServiceTokens};
use crate::grpc::{permissions, status};

/// Open to everybody: balancers and probes have no token, and health says nothing but up or down.
const OPEN: &str = "/grpc.health.v1.Health/";
/// Open to every service, when it is switched on at all.
const REFLECTION: &str = "/grpc.reflection.";
/// The longest request id that goes into the log.
const REQUEST_ID: usize = 128;

/// Makes [`Guarded`] services.
#[derive(Clone)]
pub(in crate::grpc) struct Gate(Arc<ServiceTokens>);

impl Gate {
    /// A gate that these tokens open.
    pub(in crate::grpc) fn new(tokens: ServiceTokens) -> Self {
        Self(Arc::new(tokens))
    }

    /// Admits a call or says why not.
    fn admit(&self, path: &str, metadata: &HeaderMap) -> Result<Caller, Status> {
        let caller = identify(&self.0, metadata).map_err(status::of_denied)?;
        if path.starts_with(REFLECTION) {
            return Ok(caller);
        }
        let row = permissions::of(path).ok_or_else(status::unknown_call)?;
        caller.permitted(row).ok_or_else(status::not_permitted)
    }
}

impl<S> Layer<S> for Gate {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { gate: self.clone(), inner }
    }
}

/// A service behind the gate.
#[derive(Clone)]
pub(in crate::grpc) struct Guarded<S> {
    gate: Gate,
    inner: S,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Instrumented<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let path = request.uri().path();
        if path.starts_with(OPEN) {
            return Either::Right(self.inner.call(request).instrument(tracing::Span::none()));
        }
        let caller = match self.gate.admit(path, request.headers()) {
            Ok(caller) => caller,
            Err(status) => {
                tracing::debug!(rpc = path, code = ?status.code(), "a call was turned away");
                return Either::Left(ready(Ok(status.into_http())));
            }
        };
        let span = tracing::info_span!(
            "rpc",
            rpc = path,
            service = caller.service(),
            request_id = request_id(request.headers()),
        );
        request.extensions_mut().insert(caller);
        Either::Right(self.inner.call(request).instrument(span))
    }
}

/// The id that the edge gave the request, if it is fit to be logged.
fn request_id(metadata: &HeaderMap) -> Option<&str> {
    let text = metadata.get("x-request-id")?.to_str().ok()?;
    (text.len() <= REQUEST_ID).then_some(text)
}
