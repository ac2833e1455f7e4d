//! A text that must not be seen.
//!
//! Invariant: it has no `Display` and no `Serialize`, its `Debug` hides it, and its memory is wiped when
//! it is dropped.

use std::fmt;

use zeroize::Zeroizing;

/// A secret in the clear.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Every use of it is a place to look at twice.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
