//! Roles, exactly as the gateway spells them.

/// A role of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Unassigned,
}

impl Role {
    const ALL: [Self; 6] =
        [Self::Manager, Self::User, Self::SuperAdmin, Self::Admin, Self::Talent, Self::Unassigned];

    /// The role with exactly this spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The role's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manager => "MANAGER",
            Self::User => "USER",
            Self::SuperAdmin => "SUPER_ADMIN",
            Self::Admin => "ADMIN",
            Self::Talent => "TALENT",
            Self::Unassigned => "NO_ROLE",
        }
    }

    /// True for roles that may call at all.
    #[must_use]
    pub const fn is_admitted(self) -> bool {
        match self {
            Self::Manager | Self::User | Self::SuperAdmin | Self::Admin => true,
            Self::Talent | Self::Unassigned => false,
        }
    }

    /// True for those who may name another owner.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        match self {
            Self::SuperAdmin | Self::Admin => true,
            Self::Manager | Self::User | Self::Talent | Self::Unassigned => false,
        }
    }
}
