//! JSON as Meta writes it, and the signature over it.
//!
//! Invariant: what is signed is what is sent. A receiver that parses a body and serialises it again
//! before checking gets another digest, because Meta escapes `/`, `@` and everything beyond ASCII.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// Serialises with Meta's escapes: `\/`, `\u0040` and lower-case `\uxxxx` (surrogates in pairs).
#[must_use]
pub fn to_json(value: &Value) -> String {
    // These characters are legal in JSON only inside strings, so the text can be escaped as a whole.
    escape(&value.to_string())
}

fn escape(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + plain.len() / 8);
    let mut units = [0u16; 2];
    for c in plain.chars() {
        match c {
            '/' => out.push_str("\\/"),
            '@' => out.push_str("\\u0040"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    // Writing into a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

/// The value of `X-Hub-Signature-256` for exactly these bytes.
#[must_use]
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hmac_hex(app_secret, body))
}

/// The `appsecret_proof` of a token.
#[must_use]
pub fn app_secret_proof(app_secret: &str, token: &str) -> String {
    hmac_hex(app_secret, token.as_bytes())
}

/// A `signed_request`: the signature over the encoded payload, a dot, the encoded payload.
#[must_use]
pub fn signed_request(app_secret: &str, payload: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let signature = URL_SAFE_NO_PAD.encode(hmac(app_secret, payload.as_bytes()));
    format!("{signature}.{payload}")
}

fn hmac_hex(key: &str, message: &[u8]) -> String {
    hex(&hmac(key, message))
}

fn hmac(key: &str, message: &[u8]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn escapes_are_metas() {
        let body = json!({"t": "a/b @ caf\u{e9} \u{1f600} \"q\" \n"});
        assert_eq!(to_json(&body), r#"{"t":"a\/b \u0040 caf\u00e9 \ud83d\ude00 \"q\" \n"}"#);
        let back: Value = serde_json::from_str(&to_json(&body)).expect("still JSON");
        assert_eq!(back, body);
    }

    #[test]
    fn the_signature_covers_the_bytes_that_are_sent() {
        let sent = to_json(&json!({"t": "caf\u{e9}/@"}));
        assert_eq!(sent, r#"{"t":"caf\u00e9\/\u0040"}"#);
        assert_eq!(
            signature("app-secret", sent.as_bytes()),
            "sha256=6d63d66d575ca49111f267701fe6a8b982adb9d35a0e8287ace3c4583079b7a1"
        );
        let again = json!({"t": "caf\u{e9}/@"}).to_string();
        assert_ne!(
            signature("app-secret", again.as_bytes()),
            signature("app-secret", sent.as_bytes()),
            "serialising again must not give the same digest"
        );
    }
}
