//! The address of a file: good for five minutes, and for nobody who altered it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::meta::wire;

/// How long an address is good.
pub const LIFETIME_SECS: i64 = 300;

/// What an address says in its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Id of the file.
    pub mid: String,
    /// Business second from which it is dead.
    pub ext: i64,
}

impl Link {
    /// The query, signed.
    #[must_use]
    pub fn query(&self, secret: &str) -> String {
        let Self { mid, ext } = self;
        format!("mid={mid}&source=getMedia&ext={ext}&hash={}", self.hash(secret))
    }

    /// Whether this is the signature, and its time is not over.
    #[must_use]
    pub fn is_good(&self, secret: &str, hash: &str, now_secs: i64) -> bool {
        now_secs < self.ext && hash == self.hash(secret)
    }

    fn hash(&self, secret: &str) -> String {
        let Self { mid, ext } = self;
        let proof = wire::app_secret_proof(secret, &format!("{mid}|{ext}"));
        format!("ATt{}", URL_SAFE_NO_PAD.encode(&proof[..32]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_and_cannot_be_prolonged() {
        let link = Link { mid: String::from("7"), ext: 300 };
        let hash = link.hash("secret");
        assert!(link.is_good("secret", &hash, 299));
        assert!(!link.is_good("secret", &hash, 300));
        let later = Link { ext: 900, ..link };
        assert!(!later.is_good("secret", &hash, 299));
        assert!(later.query("secret").contains("mid=7&source=getMedia&ext=900&hash=ATt"));
    }
}
