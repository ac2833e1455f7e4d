//! `X-Hub-Signature-256`: HMAC-SHA256 over the raw body.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    config::Secret,
    problem::{Name, Problem},
};

const HEADER: &str = "x-hub-signature-256";

/// A signature in the one form that Meta sends: `sha256=` and 64 lower-case hex digits.
#[derive(Debug)]
pub(crate) struct Signature([u8; 32]);

impl Signature {
    /// Reads the header, before any of the body is read.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Self::parse(value.as_bytes()),
            _ => None,
        }
        .ok_or_else(refused)
    }

    fn parse(value: &[u8]) -> Option<Self> {
        let hex: &[u8; 64] = value.strip_prefix(b"sha256=")?.try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// Checks that one of the secrets signed the body.
    pub(crate) fn check(&self, secrets: &[Secret], body: &[u8]) -> Result<(), Problem> {
        if fits(secrets, body, &self.0) { Ok(()) } else { Err(refused()) }
    }
}

/// Whether a header's value is the signature of a body by one of the secrets: what each delivery is asked.
pub fn is_signed(secrets: &[Secret], body: &[u8], header: &str) -> bool {
    Signature::parse(header.as_bytes()).is_some_and(|made| fits(secrets, body, &made.0))
}

/// True when one of the secrets makes this HMAC-SHA256 of the message; in constant time, always all of
/// them.
pub(crate) fn fits(secrets: &[Secret], message: &[u8], mac: &[u8]) -> bool {
    let fits = |secret: &Secret| {
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
            .is_ok_and(|made| made.chain_update(message).verify_slice(mac).is_ok())
    };
    secrets.iter().fold(false, |any, secret| any | fits(secret))
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

/// What a signature that is missing or does not fit is told.
pub(crate) fn refused() -> Problem {
    Problem::new(Name::InvalidSignature, Name::InvalidSignature.sentence())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Signature, is_signed};

    #[test]
    fn only_the_exact_form_is_a_signature() {
        let good = format!("sha256={}", "0123456789abcdef".repeat(4));
        assert!(Signature::parse(good.as_bytes()).is_some());
        for wrong in [
            String::new(),
            good.to_uppercase(),
            good.replace("abc", "ABC"),
            good.replace("sha256=", "sha1="),
            good.replace("sha256=", ""),
            good.replace('a', "g"),
            good[..good.len() - 1].to_owned(),
            format!("{good}0"),
            format!(" {good}"),
        ] {
            assert!(Signature::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_header_and_no_body_break_it(
            header in "sha256=[0-9a-f]{64}|sha256=[0-9a-fA-F]{0,70}|.{0,80}",
            body in prop::collection::vec(any::<u8>(), 0..256),
        ) {
            prop_assert!(!is_signed(&["secret".into(), "older".into()], &body, &header));
        }
    }
}
