//! Everybody who may knock: each kind of token, alone and for each role.

/// One token for each scope.
pub const TOKENS: [(&str, &str); 3] = [
    ("edge", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"),
    ("internal", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"),
    ("admin", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
];
/// Every role that is known.
const ROLES: [&str; 6] = ["MANAGER", "USER", "SUPER_ADMIN", "ADMIN", "TALENT", "NO_ROLE"];

/// Whoever calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The scope of its token; none without one.
    pub scope: Option<&'static str>,
    /// The role of the person that it acts for.
    pub role: Option<&'static str>,
}

/// How a caller is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not at all.
    Stranger,
    /// It is not admitted with this role, or for this person.
    Refused,
    /// It acts for a company role.
    Company,
    /// It may name any owner.
    Anybody,
    /// It acts for nobody, as only the edge does.
    Edge,
}

impl Caller {
    /// Every one of them.
    pub fn all() -> Vec<Self> {
        let alone = [None].into_iter().chain(ROLES.into_iter().map(Some));
        let mut callers = vec![Self { scope: None, role: None }];
        callers.push(Self { scope: None, role: Some("USER") });
        for (scope, _) in TOKENS {
            callers.extend(alone.clone().map(|role| Self { scope: Some(scope), role }));
        }
        callers
    }

    /// The edge, for somebody with this role.
    pub const fn edge(role: &'static str) -> Self {
        Self { scope: Some("edge"), role: Some(role) }
    }

    pub fn token(self) -> Option<&'static str> {
        let mut tokens = TOKENS.into_iter();
        self.scope.and_then(|mine| tokens.find(|(scope, _)| *scope == mine)).map(|found| found.1)
    }

    pub fn standing(self) -> Standing {
        match (self.scope, self.role) {
            (None, _) => Standing::Stranger,
            (Some(_), Some("TALENT" | "NO_ROLE")) => Standing::Refused,
            (Some("internal"), Some("ADMIN" | "SUPER_ADMIN")) => Standing::Refused,
            (Some(_), Some("ADMIN" | "SUPER_ADMIN")) => Standing::Anybody,
            (Some(_), Some(_)) => Standing::Company,
            (Some("edge"), None) => Standing::Edge,
            (Some(_), None) => Standing::Anybody,
        }
    }
}
