//! Which authorities cores' certificates must come from, and the certificate that the edge shows.
//!
//! Every file is tried here, so that the edge starts with all of it or not at all. What would protect
//! nothing is refused: whoever sets it believes that it does.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use linkojob_tls::{Authorities, Chain, Identity, Refused, Side};

use super::{ConfigError, CoreUrls, Secret};

const CA: &str = "EDGE_TLS_CA";
const CERT: &str = "EDGE_TLS_CERT";
const KEY: &str = "EDGE_TLS_KEY";

/// The files that protect the way to the cores.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TlsFiles {
    /// PEM file with the authorities of the cores' certificates; needed for https:// in CORE_URL.
    #[arg(long, env = CA)]
    pub edge_tls_ca: Option<OsString>,
    /// PEM file with the certificate that the edge shows to cores, and those between it and its
    /// authority.
    #[arg(long, env = CERT)]
    pub edge_tls_cert: Option<OsString>,
    // A path, hidden all the same: sooner or later somebody puts the key itself there.
    /// PEM file with the key of the edge's certificate.
    #[arg(long, env = KEY, hide_env_values = true)]
    pub edge_tls_key: Option<Secret>,
}

/// What protects the way to the cores.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Who signs cores' certificates.
    pub cores: Authorities,
    /// Who we are, to cores that ask.
    pub identity: Option<Identity>,
}

impl TlsFiles {
    /// Reads the files for these cores; none when no core needs any.
    pub(crate) fn load(&self, cores: &CoreUrls) -> Result<Option<Tls>, ConfigError> {
        let Self { edge_tls_ca, edge_tls_cert, edge_tls_key } = self;
        let ca = edge_tls_ca.as_ref().filter(|path| !path.is_empty()).map(PathBuf::from);
        let cert = edge_tls_cert.as_ref().filter(|path| !path.is_empty()).map(PathBuf::from);
        let key = edge_tls_key.as_ref().map(Secret::reveal).filter(|path| !path.is_empty());
        let shown = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, Path::new(key))),
            (Some(_), None) => return Err(missing(KEY, CERT)),
            (None, Some(_)) => return Err(missing(CERT, KEY)),
            (None, None) => None,
        };
        let given = [(CA, ca.is_some()), (CERT, shown.is_some())];
        if !cores.iter().any(|core| core.is_secure()) {
            return match given.into_iter().find(|(_, given)| *given) {
                Some((name, _)) => Err(ConfigError::invalid(
                    name,
                    "protects nothing, as no address in CORE_URL begins with https://",
                )),
                None => Ok(None),
            };
        }
        let ca = ca.ok_or_else(|| missing(CA, "https:// in CORE_URL"))?;
        let cores = Authorities::read(&ca).map_err(refused(CA))?;
        let identity = shown.map(|(cert, key)| identity(&cert, key)).transpose()?;
        Ok(Some(Tls { cores, identity }))
    }
}

fn identity(cert: &Path, key: &Path) -> Result<Identity, ConfigError> {
    let chain = Chain::read(cert, Side::Client).map_err(refused(CERT))?;
    chain.with_key(key).map_err(refused(KEY))
}

fn missing(name: &str, beside: &str) -> ConfigError {
    ConfigError::invalid(name, format!("is required with {beside}"))
}

fn refused(name: &'static str) -> impl Fn(Refused) -> ConfigError {
    move |why| ConfigError::invalid(name, why.to_string())
}
