//! Those whose certificates are taken.

use std::{fmt, path::Path};

use crate::{Refused, chain, file};

/// One authority or more: while one follows another, the file has both.
#[derive(Clone)]
pub struct Authorities {
    pem: Vec<u8>,
    count: usize,
}

impl Authorities {
    /// Reads a file with the authorities' own certificates.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let read = || {
            let pem = file::read(path)?;
            let certificates = chain::parse(&pem)?;
            // The transport passes over what it cannot use; here that would be found out too late.
            chain::roots(&certificates)?;
            Ok(Self { pem: pem.to_vec(), count: certificates.len() })
        };
        read().map_err(Refused::at(path))
    }

    /// As the transport takes them.
    pub fn to_transport(&self) -> tonic::transport::Certificate {
        tonic::transport::Certificate::from_pem(&self.pem)
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.count)
    }
}
