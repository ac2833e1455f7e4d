//! Whom we go to for a file.
//!
//! Invariant: an address passes only if it is at the very place of the Graph API, or is https at the usual
//! port of an allowed name. A name is not enough: `resolve` looks at what it stands for.

use std::net::IpAddr;

use reqwest::Url;

use super::hosts::MediaHosts;

/// Why we do not go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Forbidden {
    /// It cannot be read.
    #[error("no address")]
    NoUrl,
    /// It names a user.
    #[error("an address with a user in it")]
    User,
    /// Its bytes could be read and changed on the way.
    #[error("an address that is not https")]
    NotHttps,
    /// A number instead of a name.
    #[error("an address without a name")]
    Literal,
    /// Not the usual one.
    #[error("an address with a port of its own")]
    Port,
    /// Not on the list.
    #[error("a host that META_MEDIA_HOSTS does not name")]
    Host,
}

/// Who may be gone to.
#[derive(Debug)]
pub(super) struct Guard {
    graph: Url,
    hosts: MediaHosts,
}

impl Guard {
    /// `None` when the address of the Graph API has no host.
    pub(super) fn new(graph_url: &str, hosts: MediaHosts) -> Option<Self> {
        let graph = Url::parse(graph_url).ok()?;
        graph.host_str()?;
        Some(Self { graph, hosts })
    }

    /// The host that is trusted as the setting has it, wherever it stands.
    pub(super) fn trusted_host(&self) -> &str {
        self.graph.host_str().unwrap_or_default()
    }

    /// Reads an address, from where another one was asked for when it is a redirect.
    pub(super) fn read(&self, from: Option<&Url>, text: &str) -> Result<Url, Forbidden> {
        let read = match from {
            Some(from) => from.join(text),
            None => Url::parse(text),
        };
        let url = read.map_err(|_| Forbidden::NoUrl)?;
        self.check(&url)?;
        Ok(url)
    }

    fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let host = url.host_str().ok_or(Forbidden::NoUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::User);
        }
        if url.origin() == self.graph.origin() {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Forbidden::NotHttps);
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            return Err(Forbidden::Literal);
        }
        // The usual port is never written.
        if url.port().is_some() {
            return Err(Forbidden::Port);
        }
        if host != self.trusted_host() && !self.hosts.allow(host) {
            return Err(Forbidden::Host);
        }
        Ok(())
    }
}
