//! Who calls, and what that token opens.
//!
//! Invariant: an object of somebody else answers exactly like one that does not exist.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::state::State;
use crate::meta::wire;

/// A caller whose token is good.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// Our app itself.
    App,
    /// Our app on behalf of a customer.
    Business {
        /// The customer's account.
        waba_id: String,
    },
}

impl Caller {
    /// The account of this phone number id, if the caller may see it.
    pub(super) fn phone<'a>(
        &self,
        state: &'a mut State,
        method: &str,
        phone_number_id: &str,
    ) -> Result<&'a mut Account, GraphError> {
        let account = state.accounts.get_mut(phone_number_id);
        self.admit(account).ok_or_else(|| GraphError::unknown_object(method, phone_number_id))
    }

    /// The account of this WABA id, if the caller may see it.
    pub(super) fn waba<'a>(
        &self,
        state: &'a mut State,
        method: &str,
        waba_id: &str,
    ) -> Result<&'a mut Account, GraphError> {
        let account = state.waba_mut(waba_id);
        self.admit(account).ok_or_else(|| GraphError::unknown_object(method, waba_id))
    }

    fn admit<'a>(&self, account: Option<&'a mut Account>) -> Option<&'a mut Account> {
        match self {
            Self::App => None,
            Self::Business { waba_id } => account.filter(|account| account.waba_id == *waba_id),
        }
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
        if let Some(proof) = query.get("appsecret_proof")
            && *proof != wire::app_secret_proof(world.app_secret(), &token)
        {
            return Err(GraphError::parameter(
                "Invalid appsecret_proof provided in the API argument",
            )
            .with_kind("GraphMethodException"));
        }
        judge(world, &token)
    }
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
    Ok(Caller::Business { waba_id: known.waba_id.clone() })
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
