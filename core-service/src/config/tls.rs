//! With which certificate the core serves, and whose certificates it asks for.
//!
//! Every file is tried here, so that the core starts with all of it or not at all.

use std::{ffi::OsString, path::PathBuf};

use linkojob_tls::{Authorities, Chain, Refused, Side};

use super::ConfigError;
use crate::grpc::Tls;

const CERT: &str = "CORE_TLS_CERT";
const KEY: &str = "CORE_TLS_KEY";
const CLIENT_CA: &str = "CORE_TLS_CLIENT_CA";

#[derive(clap::Args)]
pub(super) struct TlsArgs {
    /// PEM file with the core's certificate, and those between it and its authority.
    #[arg(long, env = CERT)]
    core_tls_cert: Option<OsString>,
    /// PEM file with the key of the core's certificate.
    #[arg(long, env = KEY, hide_env_values = true)]
    core_tls_key: Option<OsString>,
    /// PEM file with the authorities of callers: only who has a certificate of theirs may connect.
    #[arg(long, env = CLIENT_CA)]
    core_tls_client_ca: Option<OsString>,
}

impl TlsArgs {
    /// None when nothing is set: plain text.
    pub(super) fn read(self) -> Result<Option<Tls>, ConfigError> {
        let Self { core_tls_cert, core_tls_key, core_tls_client_ca } = self;
        let clients = path(core_tls_client_ca);
        let (cert, key) = match (path(core_tls_cert), path(core_tls_key)) {
            (Some(cert), Some(key)) => (cert, key),
            (Some(_), None) => return Err(missing(KEY, CERT)),
            (None, Some(_)) => return Err(missing(CERT, KEY)),
            (None, None) if clients.is_some() => return Err(missing(CERT, CLIENT_CA)),
            (None, None) => return Ok(None),
        };
        let chain = Chain::read(&cert, Side::Server).map_err(refused(CERT))?;
        let identity = chain.with_key(&key).map_err(refused(KEY))?;
        let clients = clients.map(|clients| Authorities::read(&clients)).transpose();
        Ok(Some(Tls { identity, clients: clients.map_err(refused(CLIENT_CA))? }))
    }
}

/// An empty path counts as none.
fn path(given: Option<OsString>) -> Option<PathBuf> {
    given.filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn missing(name: &str, beside: &str) -> ConfigError {
    ConfigError::new(name, format!("is required with {beside}"))
}

fn refused(name: &'static str) -> impl Fn(Refused) -> ConfigError {
    move |why| ConfigError::new(name, why.to_string())
}
