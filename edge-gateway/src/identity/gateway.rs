//! Whether a request really came through the gateway.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use subtle::ConstantTimeEq as _;

use super::{Actor, Email, Role, single};
use crate::{
    config::{Config, ConfigError, Origins, Secret, TrustedProxies},
    problem::{Name, Problem},
};

/// Whom the edge believes.
#[derive(Debug)]
pub(crate) struct Gate {
    proxies: TrustedProxies,
    secret: Option<Secret>,
    pub(super) origins: Origins,
}

impl Gate {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            proxies: config.edge_trusted_proxies.clone(),
            secret: config.gateway_secret()?,
            origins: config.edge_allowed_origins.clone(),
        })
    }

    /// The person behind a request: gateway first, then identity, then role.
    pub(super) fn admit(
        &self,
        peer: Option<SocketAddr>,
        headers: &HeaderMap,
    ) -> Result<Actor, Problem> {
        self.check_gateway(peer, headers)?;
        let email = email(headers)?;
        let role = role(headers)?;
        Ok(Actor { email, role })
    }

    fn check_gateway(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Result<(), Problem> {
        let untrusted = || Problem::new(Name::UntrustedGateway, Name::UntrustedGateway.sentence());
        if !peer.is_some_and(|peer| self.proxies.contains(peer.ip())) {
            return Err(untrusted().because("the peer is no trusted proxy"));
        }
        let Some(secret) = &self.secret else { return Ok(()) };
        let given = single(headers, "x-gateway-secret")?.map_or(&b""[..], |value| value.as_bytes());
        if bool::from(secret.reveal().as_bytes().ct_eq(given)) {
            Ok(())
        } else {
            Err(untrusted().because("the gateway's secret does not fit"))
        }
    }
}

fn email(headers: &HeaderMap) -> Result<Email, Problem> {
    let value = single(headers, "email")?.map_or(&b""[..], |value| value.as_bytes());
    if value.trim_ascii().is_empty() {
        let name = Name::EmailHeaderIsRequired;
        return Err(Problem::new(name, name.sentence()));
    }
    let email = std::str::from_utf8(value).ok().and_then(Email::parse);
    email.ok_or_else(|| {
        Problem::new(Name::InvalidEmailFormat, "The email header is no e-mail address.")
    })
}

fn role(headers: &HeaderMap) -> Result<Role, Problem> {
    let value = single(headers, "role")?.map_or(&b""[..], |value| value.as_bytes());
    if value.trim_ascii().is_empty() {
        return Err(Problem::new(
            Name::RoleHeaderIsRequired,
            Name::RoleHeaderIsRequired.sentence(),
        ));
    }
    let role = std::str::from_utf8(value).ok().and_then(Role::parse);
    let role = role.ok_or_else(|| Problem::new(Name::InvalidRole, Name::InvalidRole.sentence()))?;
    if role.is_admitted() {
        Ok(role)
    } else {
        Err(Problem::new(Name::NotRequiredRole, Name::NotRequiredRole.sentence()))
    }
}
