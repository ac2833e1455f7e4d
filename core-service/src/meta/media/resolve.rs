//! What a name stands for, looked at before anybody is connected to.
//!
//! The client connects to what this gives and asks nobody else, so a name server that says one thing now and
//! another thing a moment later gains nothing.
//!
//! Invariant: a name that stands for anything inside stands for nothing, but for the one host that the
//! settings name.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// A name stands for an address that we do not go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name stands for an address that is not public")]
pub(super) struct Inside;

/// Asks the machine's own resolver.
#[derive(Debug)]
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Asks another one, and looks at what it says.
pub(super) struct Checked {
    inner: Arc<dyn Resolve>,
    trusted: String,
}

impl Checked {
    pub(super) fn new(inner: Arc<dyn Resolve>, trusted: &str) -> Self {
        Self { inner, trusted: trusted.to_owned() }
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let trusted = name.as_str() == self.trusted;
        let asked = self.inner.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = asked.await?.collect();
            if !trusted && found.iter().any(|found| !is_public(found.ip())) {
                return Err(Inside.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
