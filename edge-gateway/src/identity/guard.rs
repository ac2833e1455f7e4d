//! The layer in front of every route that needs a person.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::{Extensions, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{Actor, Caller, Email, RequestId, origin};
use crate::{
    gateway::Gateway,
    problem::{Name, Problem},
};

/// Admits the caller and leaves a [`Caller`] in the request, or answers why not.
pub(crate) async fn layer(
    State(gateway): State<Gateway>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = admit(&gateway, &request)?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn admit(gateway: &Gateway, request: &Request) -> Result<Caller, Problem> {
    let extensions = request.extensions();
    let actor = gateway.gate.admit(peer(extensions), request.headers())?;
    let origins = &gateway.gate.origins;
    origin::check(origins, request.method(), request.uri(), request.headers())?;

    let named_owner = named_owner(request)?;
    if named_owner.as_ref().is_some_and(|owner| *owner != actor.email)
        && !actor.role.is_administrator()
    {
        return Err(Problem::new(
            Name::NotRequiredRole,
            "Only administrators may name another owner.",
        ));
    }
    let named_owner = named_owner.filter(|_| actor.role.is_administrator());
    let request_id = extensions.get::<RequestId>().cloned().unwrap_or_else(RequestId::mint);
    Ok(Caller { actor, named_owner, request_id })
}

/// The person behind a request that needs none: nobody when the gateway names nobody, and otherwise
/// one who is admitted as everywhere.
///
/// # Errors
/// As [`layer`], for whoever is named.
pub(crate) fn person(gateway: &Gateway, parts: &Parts) -> Result<Option<Actor>, Problem> {
    if !parts.headers.contains_key("email") {
        return Ok(None);
    }
    gateway.gate.admit(peer(&parts.extensions), &parts.headers).map(Some)
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer)
}

fn named_owner(request: &Request) -> Result<Option<Email>, Problem> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(request.uri())
        .map_err(|_| Problem::field("query", "cannot be read"))?;
    let mut named = pairs.into_iter().filter(|(name, _)| name == "owner").map(|(_, value)| value);
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::field("owner", "must not be given twice")),
        (Some(text), None) => Email::parse(&text).map(Some).ok_or_else(|| {
            Problem::new(Name::InvalidEmailFormat, "The named owner is no e-mail address.")
        }),
    }
}
