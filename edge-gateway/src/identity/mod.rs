//! Who calls: believed from the trusted gateway alone, checked before anything else.
//!
//! Order: gateway, identity, role, then the route. A header that stands twice is refused, because
//! two programs in a row rarely agree on which of them counts.

mod email;
mod gateway;
pub(crate) mod guard;
mod headers;
mod origin;
mod request_id;
mod role;

use axum::{extract::FromRequestParts, http::request::Parts};

pub use self::{email::Email, request_id::RequestId, role::Role};
pub(crate) use self::{gateway::Gate, headers::single};
use crate::{
    core::Call,
    problem::{Name, Problem},
};

/// A person, as the gateway names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Their address.
    pub email: Email,
    /// Their role; one that is admitted.
    pub role: Role,
}

/// Who calls, and for whom: what the guard found.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub actor: Actor,
    /// The owner that an administrator named.
    pub named_owner: Option<Email>,
    /// This request.
    pub request_id: RequestId,
}

impl Caller {
    /// The owner for requests to the core: empty means the actor.
    #[must_use]
    pub fn owner(&self) -> String {
        self.named_owner.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The person whose things this is about.
    #[must_use]
    pub fn subject(&self) -> &Email {
        self.named_owner.as_ref().unwrap_or(&self.actor.email)
    }

    /// The context of a call to the core.
    #[must_use]
    pub fn call(&self) -> Call {
        Call {
            actor: Some(self.actor.clone()),
            request_id: self.request_id.clone(),
            key: self.subject().to_string(),
        }
    }

    /// # Errors
    /// With `NOT_REQUIRED_ROLE` for everybody else.
    pub(crate) fn require_administrator(&self) -> Result<(), Problem> {
        if self.actor.role.is_administrator() {
            Ok(())
        } else {
            Err(Problem::new(Name::NotRequiredRole, "This is for administrators."))
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::unexpected("a guarded handler stands outside the guard"))
    }
}
