//! What "the same request" means under an idempotency key: SHA-256 of the call and of the request's
//! encoding, which has one form only (fields in order, no maps). Whoever has a better canonical form,
//! as the edge has with its JSON, brings its own digest.

use linkojob_proto::v1 as pb;
use sha2::{Digest as _, Sha256};

/// The length of a digest that a caller brings.
const LENGTH: usize = 32;

/// The digest of a request; the caller has taken out of it what [`bare`] takes out.
pub(super) fn compute(call: &str, request: &impl prost::Message) -> String {
    let mut hash = Sha256::new();
    hash.update(call.as_bytes());
    hash.update([0]);
    hash.update(request.encode_to_vec());
    hex(&hash.finalize())
}

/// A digest that the caller brought.
pub(super) fn read(bytes: &[u8]) -> Result<String, &'static str> {
    if bytes.len() == LENGTH { Ok(hex(bytes)) } else { Err("must be 32 bytes, or empty") }
}

/// The options without what may differ between two sends of the same thing: who is named as owner
/// (the key belongs to one owner anyway), the key itself, and the id of the attempt.
pub(super) fn bare(options: &Option<pb::SendOptions>) -> Option<pb::SendOptions> {
    options.as_ref().map(|options| pb::SendOptions {
        owner: String::new(),
        target: options.target.clone(),
        idempotency_key: String::new(),
        message_id: String::new(),
        reply_to: options.reply_to.clone(),
        fingerprint: Vec::new(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
        text
    })
}
