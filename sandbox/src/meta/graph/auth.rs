//! Who calls, and what that token opens.
//!
//! Invariant: an object of somebody else answers exactly like one that does not exist.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use crate::meta::World;
use crate::meta::account::{Account, BusinessNumber, Waba};
use crate::meta::error::GraphError;
use crate::meta::oauth::{MANAGEMENT, MESSAGING, Token};
use crate::meta::state::State;
use crate::meta::wire;

/// A caller whose token is good.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// Our app itself.
    App,
    /// Our app on behalf of a customer, with this token.
    Business(Arc<Token>),
}

impl Caller {
    /// Whether the caller may know that this account exists.
    pub(super) fn sees(&self, waba_id: &str) -> bool {
        match self {
            Self::App => false,
            Self::Business(token) => token.opens(waba_id),
        }
    }

    /// Whether the customer allowed this.
    pub(super) fn needs(&self, scope: &str) -> Result<(), GraphError> {
        match self {
            Self::App => Err(GraphError::permission(scope)),
            Self::Business(token) if token.may(scope) => Ok(()),
            Self::Business(_) => Err(GraphError::permission(scope)),
        }
    }

    /// The number to send from, if the caller may.
    pub(super) fn sender(&self, state: &State, id: &str) -> Result<Account, GraphError> {
        let account = state.account(id).filter(|account| self.sees(&account.waba_id));
        let account = account.ok_or_else(|| GraphError::unknown_object("POST", id))?;
        self.needs(MESSAGING)?;
        Ok(account)
    }

    /// The number with this id, if the caller may manage it.
    pub(super) fn number<'a>(
        &self,
        state: &'a mut State,
        method: &str,
        id: &str,
    ) -> Result<&'a mut BusinessNumber, GraphError> {
        let number = state.numbers.get_mut(id).filter(|number| self.sees(&number.waba_id));
        let number = number.ok_or_else(|| GraphError::unknown_object(method, id))?;
        self.needs(MANAGEMENT)?;
        Ok(number)
    }

    /// The account with this id, if the caller may manage it.
    pub(super) fn waba<'a>(
        &self,
        state: &'a mut State,
        method: &str,
        id: &str,
    ) -> Result<&'a mut Waba, GraphError> {
        let waba = state.wabas.get_mut(id).filter(|waba| self.sees(&waba.waba_id));
        let waba = waba.ok_or_else(|| GraphError::unknown_object(method, id))?;
        self.needs(MANAGEMENT)?;
        Ok(waba)
    }
}

impl FromRequestParts<World> for Caller {
    type Rejection = GraphError;

    async fn from_request_parts(parts: &mut Parts, world: &World) -> Result<Self, GraphError> {
        let query = query(&parts.uri);
        let token = token(&parts.headers, &query).ok_or_else(|| {
            GraphError::of(104)
                .with_message("An access token is required to request this resource.")
        })?;
        let caller = judge(world, &token)?;
        prove(world, &caller, &token, query.get("appsecret_proof").map(String::as_str))?;
        Ok(caller)
    }
}

/// Checks the proof that a call carries, if it must carry one or does.
fn prove(
    world: &World,
    caller: &Caller,
    token: &str,
    proof: Option<&str>,
) -> Result<(), GraphError> {
    let (wanted, foreign) = match caller {
        Caller::App => (false, false),
        Caller::Business(token) => (world.state().app.require_proof, token.foreign_app.is_some()),
    };
    let why = match proof {
        None if wanted => "API calls from the server require an appsecret_proof argument",
        None => return Ok(()),
        // Nobody can prove with our secret what another app's secret minted.
        Some(proof) if !foreign && proof == wire::app_secret_proof(world.app_secret(), token) => {
            return Ok(());
        }
        Some(_) => "Invalid appsecret_proof provided in the API argument",
    };
    Err(GraphError::parameter(why).with_kind("GraphMethodException"))
}

/// What a token is good for.
pub(super) fn judge(world: &World, token: &str) -> Result<Caller, GraphError> {
    if token == app_token(world) {
        return Ok(Caller::App);
    }
    let now = world.clock().now_secs();
    let state = world.state();
    let Some(known) = state.tokens.get(token) else {
        return Err(GraphError::token(
            None,
            "Invalid OAuth access token - Cannot parse access token",
        ));
    };
    if known.revoked {
        return Err(GraphError::token(
            Some(458),
            "Error validating access token: The user has not authorized application",
        ));
    }
    if known.expires_at != 0 && known.expires_at <= now {
        return Err(GraphError::token(
            Some(463),
            "Error validating access token: Session has expired",
        ));
    }
    Ok(Caller::Business(Arc::clone(known)))
}

/// The app's own token.
pub(super) fn app_token(world: &World) -> String {
    format!("{}|{}", world.app_id(), world.app_secret())
}

/// The token of a request, from its header or its query.
pub(super) fn token(headers: &HeaderMap, query: &HashMap<String, String>) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
        (known && !token.trim().is_empty()).then(|| token.trim().to_owned())
    });
    bearer.or_else(|| query.get("access_token").cloned())
}

/// The query as a map; of a doubled parameter the last one counts.
pub(super) fn query(uri: &Uri) -> HashMap<String, String> {
    Query::try_from_uri(uri).map(|Query(map)| map).unwrap_or_default()
}
