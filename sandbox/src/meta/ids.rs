//! Identifiers that look like Meta's.
//!
//! Invariant: they are random, so they stay unique over restarts, also when a snapshot was lost.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::number::WaNumber;
use super::wire::hex;

/// The id of a message that a business sent to `number`.
#[must_use]
pub fn outbound_wamid(number: &WaNumber) -> String {
    let tail = hex(&rand::random::<[u8; 9]>()).to_uppercase();
    wamid(number, &[0x15, 0x02, 0x00, 0x11, 0x18, 0x12], &tail)
}

/// The id of a message that the person behind `number` wrote.
#[must_use]
pub fn inbound_wamid(number: &WaNumber) -> String {
    let tail = hex(&rand::random::<[u8; 10]>()).to_uppercase();
    wamid(number, &[0x15, 0x02, 0x00, 0x12, 0x18, 0x14], &tail)
}

/// Standard base64 over a small frame that carries the number in clear, as the real ones do:
/// they are personal data, and they contain `/` and `+`.
fn wamid(number: &WaNumber, mark: &[u8], tail: &str) -> String {
    let digits = number.as_str().as_bytes();
    let mut frame = vec![0x1c, 0x18, u8::try_from(digits.len()).unwrap_or(u8::MAX)];
    frame.extend_from_slice(digits);
    frame.extend_from_slice(mark);
    frame.extend_from_slice(tail.as_bytes());
    frame.push(0);
    format!("wamid.{}", STANDARD.encode(frame))
}

/// The number inside an id that was made here.
#[must_use]
pub fn number_in(wamid: &str) -> Option<WaNumber> {
    let frame = STANDARD.decode(wamid.strip_prefix("wamid.")?).ok()?;
    let length = usize::from(*frame.get(2)?);
    WaNumber::parse(std::str::from_utf8(frame.get(3..3 + length)?).ok()?)
}

/// An object id: fifteen or sixteen digits.
#[must_use]
pub fn object_id() -> String {
    (100_000_000_000_000 + rand::random::<u64>() % 900_000_000_000_000).to_string()
}

/// The id of a template: beyond what a double holds exactly, as some of the real ones are.
#[must_use]
pub fn template_id() -> String {
    (100_000_000_000_000_000 + rand::random::<u64>() % 900_000_000_000_000_000).to_string()
}

/// A business token. Real ones begin with `EAA` and have no length that one may rely on.
#[must_use]
pub fn access_token() -> String {
    format!("EAA{}", hex(&rand::random::<[u8; 32]>()))
}

/// An authorization code. Real ones are long, too.
#[must_use]
pub fn code() -> String {
    let (head, tail) = (rand::random::<[u8; 32]>(), rand::random::<[u8; 32]>());
    format!("AQ{}{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(tail))
}

/// The user id that our app sees for a business, always the same for the same portfolio.
#[must_use]
pub fn user_of(business_id: &str) -> String {
    let digest = Sha256::digest(format!("user|{business_id}"));
    let mut number = [0u8; 8];
    number.copy_from_slice(&digest[..8]);
    (122_000_000_000_000 + u64::from_be_bytes(number) % 1_000_000_000_000).to_string()
}

/// Meta's trace id of one answer.
#[must_use]
pub fn trace_id() -> String {
    let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 17]>());
    format!("A{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wamid_is_the_frame_that_meta_uses() {
        let number = WaNumber::parse("16505551234").expect("a number");
        let text = outbound_wamid(&number);
        let frame = STANDARD.decode(text.strip_prefix("wamid.").expect("prefix")).expect("base64");
        assert_eq!(&frame[..3], [0x1c, 0x18, 0x0b]);
        assert_eq!(&frame[3..14], b"16505551234");
        assert_eq!(&frame[14..20], [0x15, 0x02, 0x00, 0x11, 0x18, 0x12]);
        assert_eq!((frame.len(), frame[38]), (39, 0));
        assert!(text.len() <= 90);
        assert_ne!(text, outbound_wamid(&number));
        assert_eq!(number_in(&text), Some(number));
        assert_eq!(number_in("wamid.AAAA"), None);
    }
}
