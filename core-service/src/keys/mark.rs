//! Marks: short texts that go out and come back (event cursors, page tokens, the opaque data that we
//! give Meta), each with a MAC over what it is for, so that a forged one is told from ours.
//!
//! Form: base64url of `payload | first 16 bytes of HMAC-SHA256(purpose, audience, payload)`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::ring::KeyRing;

const MAC: usize = 16;
/// Longer texts are not looked at.
const LONGEST: usize = 2048;

/// The text was not made by us for this purpose and audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not made by this service")]
pub struct NotOurs;

/// Makes and checks marks.
pub struct Marker {
    keys: Vec<Zeroizing<[u8; 32]>>,
}

impl Marker {
    /// A marker whose keys come from a ring.
    pub fn new(ring: &KeyRing) -> Self {
        Self { keys: ring.derive("linkojob.whatsapp/marks/1") }
    }

    /// Marks a payload for a purpose (what it is) and an audience (whose it is).
    pub fn mark(&self, purpose: &str, audience: &str, payload: &[u8]) -> String {
        let mac = self.keys.first().map(|key| mac(key, purpose, audience, payload));
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&mac.unwrap_or_default());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Gives back the payload of a mark that is ours.
    ///
    /// # Errors
    /// [`NotOurs`] for anything else.
    pub fn check(&self, purpose: &str, audience: &str, text: &str) -> Result<Vec<u8>, NotOurs> {
        if text.len() > LONGEST {
            return Err(NotOurs);
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOurs)?;
        let split = bytes.len().checked_sub(MAC).ok_or(NotOurs)?;
        let given = bytes.split_off(split);
        let ours = self.keys.iter().any(|key| {
            bool::from(mac(key, purpose, audience, &bytes).as_slice().ct_eq(given.as_slice()))
        });
        if ours { Ok(bytes) } else { Err(NotOurs) }
    }
}

fn mac(key: &[u8; 32], purpose: &str, audience: &str, payload: &[u8]) -> [u8; MAC] {
    let mut out = [0; MAC];
    // HMAC takes keys of any length: this cannot fail.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        for part in [purpose.as_bytes(), audience.as_bytes()] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.update(payload);
        out.copy_from_slice(&mac.finalize().into_bytes()[..MAC]);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker() -> Marker {
        let key = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        Marker::new(&KeyRing::parse(&format!("1:{key}")).unwrap())
    }

    #[test]
    fn a_mark_holds_for_its_purpose_and_audience_only() {
        let marker = marker();
        let text = marker.mark("event", "a@b.c", b"payload");
        assert_eq!(marker.check("event", "a@b.c", &text).unwrap(), b"payload");
        assert_eq!(marker.check("page", "a@b.c", &text), Err(NotOurs));
        assert_eq!(marker.check("event", "x@b.c", &text), Err(NotOurs));
        assert_eq!(marker.check("eventa", "@b.c", &text), Err(NotOurs));
    }

    #[test]
    fn a_changed_mark_is_refused() {
        let marker = marker();
        let text = marker.mark("event", "a@b.c", b"payload");
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last character has bits that encode nothing; only those may differ unnoticed.
            if URL_SAFE_NO_PAD.decode(&changed) != URL_SAFE_NO_PAD.decode(&text) {
                assert_eq!(marker.check("event", "a@b.c", &changed), Err(NotOurs), "at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_that_we_did_not_make_is_ours(
            text in "[A-Za-z0-9_=+/.-]{0,120}|.{0,64}",
            bytes in prop::collection::vec(any::<u8>(), 0..96),
        ) {
            let marker = marker();
            for forged in [text, URL_SAFE_NO_PAD.encode(&bytes)] {
                prop_assert_eq!(marker.check("event", "a@b.c", &forged), Err(NotOurs));
            }
        }

        #[test]
        fn what_we_made_comes_back_and_nothing_near_it(
            payload in prop::collection::vec(any::<u8>(), 0..64),
            place in any::<prop::sample::Index>(),
            flip in 1_u8..=255,
        ) {
            let marker = marker();
            let text = marker.mark("event", "a@b.c", &payload);
            let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
            prop_assert_eq!(marker.check("event", "a@b.c", &text), Ok(payload));
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let near = URL_SAFE_NO_PAD.encode(&bytes);
            prop_assert_eq!(marker.check("event", "a@b.c", &near), Err(NotOurs));
        }
    }
}
