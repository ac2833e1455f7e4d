//! Who acts, and what of the data they may touch.
//!
//! Invariant: a [`Scope`] is decided once, at the door; reads and writes carry it and cannot widen it.

use super::owner::Owner;

/// A role as the gateway names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Company role.
    Manager,
    /// Company role.
    User,
    /// System administrator.
    SuperAdmin,
    /// System administrator.
    Admin,
    /// Known, never admitted.
    Talent,
    /// Known, never admitted.
    NoRole,
}

impl Role {
    /// Reads the gateway's word, exactly.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "MANAGER" => Self::Manager,
            "USER" => Self::User,
            "SUPER_ADMIN" => Self::SuperAdmin,
            "ADMIN" => Self::Admin,
            "TALENT" => Self::Talent,
            "NO_ROLE" => Self::NoRole,
            _ => return None,
        })
    }

    /// True for system administrators.
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::SuperAdmin | Self::Admin)
    }

    /// True when the role may use the service at all.
    pub const fn is_admitted(self) -> bool {
        matches!(self, Self::Manager | Self::User | Self::SuperAdmin | Self::Admin)
    }
}

/// Who it was when nobody asked for it: this service, because of what Meta said or of the time.
pub const THE_CORE: &str = "service:core";

/// Who does something, as it is written into rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person's e-mail address, or `service:<name>`.
    pub by: String,
    /// The owner whose data is acted on.
    pub owner: Owner,
}

/// What of the data a read may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to one owner.
    Owner(Owner),
    /// Everything: administrators who named no owner.
    All,
}

impl Scope {
    /// The owner, when there is one.
    pub const fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Owner(owner) => Some(owner),
            Self::All => None,
        }
    }

    /// True when something of `owner` may be seen.
    pub fn sees(&self, owner: &Owner) -> bool {
        match self {
            Self::Owner(own) => own == owner,
            Self::All => true,
        }
    }
}
