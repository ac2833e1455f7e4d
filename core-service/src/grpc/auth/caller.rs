//! What a caller may touch.
//!
//! Invariant: a company role touches what is its own, a service the owner that it names; only
//! administrators and the scope `admin` reach further, and only where the call allows it.

use std::sync::Arc;

use super::tokens::{Scopes, Service};
use crate::domain::{
    actor::{Actor, Role, Scope},
    owner::Owner,
    refusal::Refusal,
};

/// What kind of caller it is, as the table of permissions speaks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A company role, acted for.
    Person,
    /// A system administrator, acted for.
    Administrator,
    /// A service as itself.
    Service,
    /// A holder of the scope `edge`, whoever it acts for.
    Edge,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Person(Owner),
    Administrator(Owner),
    /// `everybody` is true with the scope `admin`.
    Service {
        everybody: bool,
    },
    /// Scope `edge` alone, acting for nobody.
    Nobody,
}

/// A caller that is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    service: Arc<str>,
    edge: bool,
    who: Who,
}

impl Caller {
    /// Admits a service, and the person that it acts for.
    ///
    /// # Errors
    /// [`Refusal::NotRequiredRole`] when the role is not admitted at all, or not through this token.
    pub(super) fn admit(service: &Service, person: Option<(Owner, Role)>) -> Result<Self, Refusal> {
        let Service { name, scopes: Scopes { edge, internal, admin } } = service;
        let who = match person {
            Some((_, role)) if !role.is_admitted() => return Err(Refusal::NotRequiredRole),
            Some((email, role)) if role.is_administrator() => {
                if !edge && !admin {
                    return Err(Refusal::NotRequiredRole);
                }
                Who::Administrator(email)
            }
            Some((email, _)) => Who::Person(email),
            None if *admin => Who::Service { everybody: true },
            None if *internal => Who::Service { everybody: false },
            None => Who::Nobody,
        };
        Ok(Self { service: Arc::clone(name), edge: *edge, who })
    }

    /// True when the caller is of this kind.
    pub(in crate::grpc) const fn is(&self, kind: Kind) -> bool {
        match kind {
            Kind::Person => matches!(self.who, Who::Person(_)),
            Kind::Administrator => matches!(self.who, Who::Administrator(_)),
            Kind::Service => matches!(self.who, Who::Service { everybody: _ }),
            Kind::Edge => self.edge,
        }
    }

    /// The name of the service, for logs.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Who it is, as it is written into rows: an e-mail address or `service:<name>`.
    pub fn by(&self) -> String {
        match &self.who {
            Who::Person(email) | Who::Administrator(email) => email.as_str().to_owned(),
            Who::Service { everybody: _ } | Who::Nobody => format!("service:{}", self.service),
        }
    }

    /// What reads by id, and lists, may see. `owner` is the field of the request.
    ///
    /// # Errors
    /// [`Refusal::NotRequiredRole`] for somebody else's owner, [`Refusal::Validation`] when the owner is
    /// no address or has to be named.
    pub fn scope(&self, owner: &str) -> Result<Scope, Refusal> {
        let named = named(owner)?;
        match (&self.who, named) {
            (Who::Person(email), named) => own(email, named).map(Scope::Owner),
            (Who::Administrator(_), Some(named)) => Ok(Scope::Owner(named)),
            (Who::Administrator(_), None) => Ok(Scope::All),
            (Who::Service { everybody: _ }, Some(named)) => Ok(Scope::Owner(named)),
            (Who::Service { everybody: true }, None) => Ok(Scope::All),
            (Who::Service { everybody: false }, None) => Err(missing()),
            (Who::Nobody, _) => Err(Refusal::NotRequiredRole),
        }
    }

    /// For whom a call acts that is about one owner. `owner` is the field of the request.
    ///
    /// # Errors
    /// As [`Caller::scope`]; a service always has to name the owner.
    pub fn actor(&self, owner: &str) -> Result<Actor, Refusal> {
        let named = named(owner)?;
        let owner = match (&self.who, named) {
            (Who::Person(email), named) => own(email, named)?,
            (Who::Administrator(email), named) => named.unwrap_or_else(|| email.clone()),
            (Who::Service { everybody: _ }, Some(named)) => named,
            (Who::Service { everybody: _ }, None) => return Err(missing()),
            (Who::Nobody, _) => return Err(Refusal::NotRequiredRole),
        };
        Ok(Actor { by: self.by(), owner })
    }
}

fn named(owner: &str) -> Result<Option<Owner>, Refusal> {
    if owner.is_empty() {
        return Ok(None);
    }
    let parsed = Owner::parse(owner);
    parsed.map(Some).map_err(|_| Refusal::field("owner", "must be an e-mail address"))
}

fn own(email: &Owner, named: Option<Owner>) -> Result<Owner, Refusal> {
    match named {
        Some(named) if named != *email => Err(Refusal::NotRequiredRole),
        Some(_) | None => Ok(email.clone()),
    }
}

fn missing() -> Refusal {
    Refusal::field("owner", "must be given by a service that acts for nobody")
}

#[cfg(test)]
#[path = "caller_tests.rs"]
mod tests;
