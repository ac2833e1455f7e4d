//! Access tokens.
//!
//! Invariant: a token has no `Display` and no `Serialize`, its `Debug` hides it, and its memory is wiped
//! when it is dropped.

use std::fmt;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// The longest token that is taken. Meta promises no limit; real ones have a few hundred bytes.
const LONGEST: usize = 4096;

/// The text cannot be an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 4096 visible characters")]
pub struct InvalidToken;

/// An access token. Opaque: nothing about it is read but its characters.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Takes a token.
    ///
    /// # Errors
    /// [`InvalidToken`] when it is empty, too long, or could not be sent in a header.
    pub fn parse(text: String) -> Result<Self, InvalidToken> {
        // Wrapped first, so that a refused text is wiped too.
        let text = Zeroizing::new(text);
        let fits = (1..=LONGEST).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(InvalidToken)
        }
    }

    /// The token that an app has by itself.
    pub(super) fn of_app(id: &str, secret: &Secret) -> Result<Self, InvalidToken> {
        Self::parse(format!("{id}|{}", secret.expose()))
    }

    /// The token itself, to seal it or to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_shows_itself() {
        let secret = Secret::new("canary-secret".to_owned());
        let token = Token::parse("canary-token".to_owned()).unwrap();
        assert_eq!(format!("{secret:?} {token:?}"), "Secret(…) Token(…)");
    }

    #[test]
    fn a_token_fits_into_a_header() {
        for wrong in ["", " EAA", "EAA\n", "EÄA", &"a".repeat(LONGEST + 1)] {
            assert_eq!(Token::parse(wrong.to_owned()).err(), Some(InvalidToken), "{wrong:?}");
        }
    }
}
