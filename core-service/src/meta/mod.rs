//! Meta's side of the wire: the Graph API that we call and the webhooks that it sends.
//!
//! * [`Meta`] calls: tokens and numbers in `account`, messages in `send`, templates in `templates`, files in
//!   `media`.
//! * [`receive`] reads webhook bodies; it calls nobody.
//! * `class` is the one table of Meta's error codes, for answers and for statuses alike.
//!
//! Invariant: no other module knows a name out of Meta's JSON, and nothing that Meta sends, however
//! malformed, does more harm than an error value.
//!
//! [`Meta`] is concrete. What varies between production and the simulator is a URL, so that there is
//! no double of it: the simulator speaks HTTP.

mod account;
mod class;
mod client;
mod digest;
mod error;
mod media;
mod oauth;
mod pages;
mod peek;
pub mod receive;
mod send;
mod templates;
mod token;

use std::time::Duration;

pub use account::{NumberFacts, TokenFacts};
pub use class::{Class, failure_name};
pub use client::InvalidSettings;
pub use error::MetaError;
pub use media::{Download, FileAtMeta, InvalidHost, MediaHosts, NoFile};
pub use oauth::{Granted, NoToken};
pub use send::{NotTaken, Outgoing, Refused, SendOutcome};
pub use token::{InvalidToken, Token};

use client::Graph;
use media::Files;
use reqwest::Url;

use crate::secret::Secret;

/// How long one call may take when the settings do not say.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Where Meta is and who we are to it.
#[derive(Debug, Clone)]
pub struct MetaConfig {
    /// For instance `https://graph.facebook.com`.
    pub graph_url: String,
    /// For instance `v25.0`.
    pub version: String,
    /// Where people consent, for instance `https://www.facebook.com`.
    pub dialog_url: String,
    /// Meta's configuration of our consent dialog.
    pub config_id: Option<String>,
    /// Our app's id.
    pub app_id: Option<String>,
    /// Our app's secrets; the first one proves our calls.
    pub app_secrets: Vec<Secret>,
    /// Where files may come from, besides the host of the Graph API.
    pub media_hosts: MediaHosts,
    /// How long one call may take, connecting and reading included.
    pub timeout: Duration,
}

/// A client of Meta's Graph API. Cheap to share behind an `Arc`: it has one pool of connections.
#[derive(Debug)]
pub struct Meta {
    graph: Graph,
    files: Files,
    app: Option<App>,
    dialog: Url,
    config_id: Option<String>,
}

/// Our app, as far as it can speak for itself.
#[derive(Debug)]
struct App {
    id: String,
    token: Token,
    secret: Secret,
}

impl Meta {
    /// Builds the client; connects to nobody yet.
    ///
    /// # Errors
    /// [`InvalidSettings`] names what is wrong with them.
    pub fn new(config: MetaConfig) -> Result<Self, InvalidSettings> {
        let MetaConfig {
            graph_url,
            version,
            dialog_url,
            config_id,
            app_id,
            app_secrets,
            media_hosts,
            timeout,
        } = config;
        let dialog = oauth::dialog(&dialog_url, &version)
            .ok_or(InvalidSettings("the address of the consent dialog is no URL"))?;
        let secret = app_secrets.into_iter().next();
        let app = match (app_id, &secret) {
            (Some(id), Some(secret)) => {
                let token = Token::of_app(&id, secret).map_err(|InvalidToken| {
                    InvalidSettings(
                        "the app's id or secret has characters that a header cannot hold",
                    )
                })?;
                Some(App { id, token, secret: secret.clone() })
            }
            (Some(_), None) | (None, Some(_) | None) => None,
        };
        let graph = Graph::new(&graph_url, &version, secret, timeout)?;
        let files = Files::new(&graph_url, media_hosts)?;
        Ok(Self { graph, files, app, dialog, config_id })
    }

    /// The id of our app, when it can speak for itself.
    pub fn app_id(&self) -> Option<&str> {
        self.app.as_ref().map(|app| app.id.as_str())
    }
}

#[cfg(test)]
mod calls_tests;
