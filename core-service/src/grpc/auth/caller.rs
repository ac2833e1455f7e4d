//! What a caller may touch.
//!
//! Invariant: this is the one place where an owner's name becomes an [`Actor`] or a [`Scope`], and it goes
//! no further than the row of the call in the table of permissions.

use std::sync::Arc;

use super::tokens::{Scopes, Service};
use crate::{
    domain::{
        actor::{Actor, Role, Scope},
        owner::Owner,
        refusal::Refusal,
    },
    grpc::permissions::Row,
};

/// How far a caller reaches in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere: the call is not for it.
    No,
    /// To what is its own; naming somebody else is refused.
    Own,
    /// To one owner: the one that it names, else itself. A service has to name one.
    Named,
    /// To everybody's things, or those of the owner that it names; a call that is about one owner is
    /// as with [`Reach::Named`].
    Everybody,
    /// The call is about no owner's things.
    Nobody,
}

/// Who calls, as the table of permissions tells callers apart.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// A company role, acted for.
    Person(Owner),
    /// A system administrator, acted for.
    Administrator(Owner),
    /// A service as itself, by the scope `internal`.
    Internal,
    /// A service as itself, by the scope `admin`.
    Admin,
    /// Scope `edge` alone, acting for nobody.
    Edge,
}

/// A caller that is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    service: Arc<str>,
    edge: bool,
    who: Who,
    reach: Reach,
}

impl Caller {
    /// Admits a service, and the person that it acts for. It reaches nowhere yet.
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
            None if *admin => Who::Admin,
            None if *internal => Who::Internal,
            None => Who::Edge,
        };
        Ok(Self { service: Arc::clone(name), edge: *edge, who, reach: Reach::No })
    }

    /// The same caller, as far as a row of the table lets it reach; `None` when the call is not for it.
    pub(super) fn permitted(mut self, row: &Row) -> Option<Self> {
        let Row { path: _, person, administrator, internal, admin, edge } = *row;
        self.reach = match self.who {
            Who::Person(_) => person,
            Who::Administrator(_) => administrator,
            Who::Internal => internal,
            Who::Admin => admin,
            Who::Edge => edge,
        };
        // What the edge may do by itself it may also do while it acts for somebody.
        if self.reach == Reach::No && self.edge {
            self.reach = edge;
        }
        (self.reach != Reach::No).then_some(self)
    }

    /// The name of the service, for logs.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The address of the person that is acted for, if there is one.
    pub fn person(&self) -> Option<&str> {
        match &self.who {
            Who::Person(email) | Who::Administrator(email) => Some(email.as_str()),
            Who::Internal | Who::Admin | Who::Edge => None,
        }
    }

    /// Who it is, as it is written into rows: an e-mail address or `service:<name>`.
    pub fn by(&self) -> String {
        match &self.who {
            Who::Person(email) | Who::Administrator(email) => email.as_str().to_owned(),
            Who::Internal | Who::Admin | Who::Edge => format!("service:{}", self.service),
        }
    }

    /// What reads by id, and lists, may see. `owner` is the field of the request.
    ///
    /// # Errors
    /// [`Refusal::NotRequiredRole`] for somebody else's owner, [`Refusal::Validation`] when the owner is
    /// no address or has to be named.
    pub fn scope(&self, owner: &str) -> Result<Scope, Refusal> {
        match (self.reach, named(owner)?) {
            (Reach::Everybody, None) => Ok(Scope::All),
            (Reach::Own | Reach::Named | Reach::Everybody, named) => {
                self.one(named).map(Scope::Owner)
            }
            (Reach::No | Reach::Nobody, _) => Err(Refusal::NotRequiredRole),
        }
    }

    /// For whom a call acts that is about one owner. `owner` is the field of the request.
    ///
    /// # Errors
    /// As [`Caller::scope`]; a service always has to name the owner.
    pub fn actor(&self, owner: &str) -> Result<Actor, Refusal> {
        let owner = self.one(named(owner)?)?;
        Ok(Actor { by: self.by(), owner })
    }

    /// The one owner that a call is about.
    fn one(&self, named: Option<Owner>) -> Result<Owner, Refusal> {
        let own = match &self.who {
            Who::Person(email) | Who::Administrator(email) => Some(email),
            Who::Internal | Who::Admin | Who::Edge => None,
        };
        match self.reach {
            Reach::Own => match named {
                Some(named) if Some(&named) != own => Err(Refusal::NotRequiredRole),
                Some(_) | None => own.cloned().ok_or_else(missing),
            },
            Reach::Named | Reach::Everybody => named.or_else(|| own.cloned()).ok_or_else(missing),
            Reach::No | Reach::Nobody => Err(Refusal::NotRequiredRole),
        }
    }
}

fn named(owner: &str) -> Result<Option<Owner>, Refusal> {
    if owner.is_empty() {
        return Ok(None);
    }
    let parsed = Owner::parse(owner);
    parsed.map(Some).map_err(|_| Refusal::field("owner", "must be an e-mail address"))
}

fn missing() -> Refusal {
    Refusal::field("owner", "must be given by a service that acts for nobody")
}

#[cfg(test)]
#[path = "caller_tests.rs"]
mod tests;
