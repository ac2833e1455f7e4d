//! A certificate of ours, with those between it and its authority.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
};

use rustls::{
    CertificateError, Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use zeroize::Zeroizing;

use crate::{Identity, Refused, Why, file, provider};

/// On which side of a connection a certificate is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// By whoever listens.
    Server,
    /// By whoever calls.
    Client,
}

/// A certificate without its key yet: our own first, then those above it.
#[derive(Clone, Debug)]
pub struct Chain {
    pem: Vec<u8>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Chain {
    /// Reads a file with certificates, our own first, and checks that it can be shown on that side now.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong with the file.
    pub fn read(path: &Path, side: Side) -> Result<Self, Refused> {
        let read = || {
            let pem = file::read(path)?;
            let certificates = parse(&pem)?;
            check(&certificates, side)?;
            Ok(Self { pem: pem.to_vec(), certificates })
        };
        read().map_err(Refused::at(path))
    }

    /// Adds the key.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong with the key's file.
    pub fn with_key(self, path: &Path) -> Result<Identity, Refused> {
        let Self { pem, certificates } = self;
        Identity::new(Zeroizing::new(pem), certificates, path).map_err(Refused::unseen)
    }
}

/// Every certificate in a PEM text; at least one.
pub(crate) fn parse(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Why> {
    // What the parser says of a broken text is not passed on, as it repeats some of it.
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| Why::BrokenCertificate)?;
    if found.is_empty() { Err(Why::NoCertificate) } else { Ok(found) }
}

/// A store of authorities with these in it.
pub(crate) fn roots(certificates: &[CertificateDer<'static>]) -> Result<Arc<RootCertStore>, Why> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone()).map_err(|_| Why::BrokenCertificate)?;
    }
    Ok(Arc::new(roots))
}

/// Asks a verifier of the other side. It begins with what the certificate says of itself, which is all
/// that can be known here: whether its authority is known is the other side's question.
fn check(certificates: &[CertificateDer<'static>], side: Side) -> Result<(), Why> {
    let [own, above @ ..] = certificates else { return Err(Why::NoCertificate) };
    let roots = roots(std::slice::from_ref(own))?;
    let unusable = |_| Why::BrokenCertificate;
    // Certificates end by the wall's clock, whatever time business goes by.
    let now = UnixTime::now();
    let verdict = match side {
        Side::Server => {
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider());
            let anybody = ServerName::from(IpAddr::from(Ipv4Addr::UNSPECIFIED));
            let verifier = verifier.build().map_err(unusable)?;
            verifier.verify_server_cert(own, above, &anybody, &[], now).map(drop)
        }
        Side::Client => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
            let verifier = verifier.build().map_err(unusable)?;
            verifier.verify_client_cert(own, above, now).map(drop)
        }
    };
    let Err(Error::InvalidCertificate(wrong)) = verdict else { return Ok(()) };
    match wrong {
        CertificateError::BadEncoding => Err(Why::BrokenCertificate),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Err(Why::Expired),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Err(Why::NotYet)
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            Err(Why::OtherSide)
        }
        // Of names and authorities nothing is known here.
        _ => Ok(()),
    }
}
