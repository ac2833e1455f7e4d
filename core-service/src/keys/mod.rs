//! Keys and what hangs on them: the vault that seals secrets, and the marks that prove that a token
//! which comes back is one of ours.
//!
//! Invariant: without a key nothing starts; the first key seals and marks, every key opens and checks.

mod cipher;
mod envelope;
mod fingerprint;
mod mark;
mod ring;
mod vault;

pub use fingerprint::{fingerprint, random_secret};
pub use mark::{Marker, NotOurs};
pub use ring::{KeyRing, KeyRingError};
pub use vault::{Context, Vault, VaultError};
