//! The core's side of a TLS connection.

use std::time::Duration;

use linkojob_tls::{Authorities, Identity};
use tonic::transport::ServerTlsConfig;

/// How long a caller may take to agree on a connection; nothing of the API is reached before.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// With which certificate the core serves, and whose it asks for.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The core's own.
    pub identity: Identity,
    /// Those who sign callers' certificates; none: callers need no certificate.
    pub clients: Option<Authorities>,
}

impl Tls {
    /// As the transport takes it.
    pub(super) fn config(&self) -> ServerTlsConfig {
        let Self { identity, clients } = self;
        let config = ServerTlsConfig::new().identity(identity.to_transport()).timeout(HANDSHAKE);
        match clients {
            Some(clients) => config.client_ca_root(clients.to_transport()),
            None => config,
        }
    }
}
