//! A certificate with its key.

use std::{fmt, path::Path};

use rustls::{
    Error, InconsistentKeys,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

use crate::{Why, file, provider};

/// Who we are, to whoever asks for a certificate.
#[derive(Clone)]
pub struct Identity {
    certificates: Zeroizing<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
}

impl Identity {
    pub(crate) fn new(
        pem: Zeroizing<Vec<u8>>,
        certificates: Vec<CertificateDer<'static>>,
        key: &Path,
    ) -> Result<Self, Why> {
        let text = file::read(key)?;
        let key = PrivateKeyDer::from_pem_slice(&text).map_err(|_| Why::NoKey)?;
        CertifiedKey::from_der(certificates, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Why::AnotherKey,
            _ => Why::UnknownKey,
        })?;
        Ok(Self { certificates: pem, key: text })
    }

    /// As the transport takes it. What this gives shows its key in its `Debug`.
    pub fn to_transport(&self) -> tonic::transport::Identity {
        tonic::transport::Identity::from_pem(&self.certificates, &self.key)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}
