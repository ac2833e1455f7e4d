//! Why a session ends.

/// Reasons that the other side is told, as WebSocket close codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// No longer allowed to follow this owner.
    NotAllowed,
    /// A frame that is no command.
    BadFrame,
    /// Too slow: connect again and resume.
    TooSlow,
    /// The edge goes away, or the socket is too old: connect again and resume.
    GoingAway,
    /// More commands than anybody types.
    TooManyCommands,
}

impl Close {
    /// The close code.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::BadFrame => 4002,
            Self::NotAllowed => 4003,
            Self::TooSlow => 4008,
            Self::GoingAway => 4009,
            Self::TooManyCommands => 4029,
        }
    }

    /// The close reason, for people.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::BadFrame => "bad frame",
            Self::NotAllowed => "no longer allowed",
            Self::TooSlow => "too slow, resume",
            Self::GoingAway => "going away, resume",
            Self::TooManyCommands => "too many commands",
        }
    }
}
