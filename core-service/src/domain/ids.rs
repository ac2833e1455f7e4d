//! Names of things: ours are UUIDs, Meta's are opaque strings.
//!
//! Invariant: an id of one kind cannot be passed where another is meant.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a minted UUID.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Reads the text form that callers see.
            ///
            /// # Errors
            /// [`InvalidId`] when the text is no hyphenated UUID.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                match Uuid::try_parse(text) {
                    Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
                    _ => Err(InvalidId),
                }
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// Names a client.
    ClientId
);
uuid_id!(
    /// Names a conversation.
    ConversationId
);
uuid_id!(
    /// Names a message; a UUIDv7, so that ids order by arrival within a millisecond of `at`.
    MessageId
);
uuid_id!(
    /// Names a template in one language.
    TemplateId
);

macro_rules! meta_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the id as Meta wrote it.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, too long, or has white space or control characters.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let fits = !text.is_empty() && text.len() <= $max;
                if fits && text.chars().all(|c| c.is_ascii_graphic()) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId)
                }
            }

            /// The id as Meta wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

meta_id!(
    /// Meta's id of a business phone number.
    PhoneNumberId, 64
);
meta_id!(
    /// Meta's id of a WhatsApp Business Account.
    WabaId, 64
);
meta_id!(
    /// Meta's id of a message. Opaque; contains a phone number, so it is personal data.
    Wamid, 512
);
