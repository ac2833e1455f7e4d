//! Certificates between edge and core: read from files, tried before they are used.
//!
//! An [`Identity`] is a certificate with its key, [`Authorities`] are those whose certificates are
//! taken. Both come from PEM files that settings name, and become what the transport wants of them.
//!
//! Invariant: what was read can be used (it is in time, made for its side, and key and certificate
//! belong together), and no error or `Debug` shows a key. Whoever names the setting names it alone:
//! errors here speak of the file.

mod authorities;
mod chain;
mod file;
mod identity;
mod refused;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};

pub use self::{
    authorities::Authorities,
    chain::{Chain, Side},
    identity::Identity,
    refused::{Refused, Why},
};

/// Makes aws-lc-rs this process's provider of cryptography, before anybody has to guess which it is.
/// The first time counts; asking again changes nothing.
pub fn provide() {
    let _provided_already = aws_lc_rs::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
