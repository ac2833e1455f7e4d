//! Where Meta is, and who we are to it.

use std::path::PathBuf;

use super::{ConfigError, secret};
use crate::{
    meta::{self, MediaHosts, MetaConfig},
    secret::Secret,
};

#[derive(clap::Args)]
pub(super) struct MetaArgs {
    /// Meta's Graph API.
    #[arg(long, env = "META_GRAPH_URL", default_value = "https://graph.facebook.com")]
    meta_graph_url: String,
    /// Where people consent.
    #[arg(long, env = "META_DIALOG_URL", default_value = "https://www.facebook.com")]
    meta_dialog_url: String,
    /// Version of the Graph API.
    #[arg(long, env = "META_GRAPH_VERSION", default_value = "v25.0")]
    meta_graph_version: String,
    /// Id of the Meta app; without it tokens cannot be checked for belonging to the app.
    #[arg(long, env = "META_APP_ID")]
    meta_app_id: Option<String>,
    /// Id of Meta's configuration of the consent dialog; without it the permissions are named one by one.
    #[arg(long, env = "META_CONFIG_ID")]
    meta_config_id: Option<String>,
    /// Secrets of the Meta app, comma-separated; the first one proves our calls.
    #[arg(long, env = "META_APP_SECRETS", hide_env_values = true, value_parser = secret::take)]
    meta_app_secrets: Option<Secret>,
    /// File with the secrets of the Meta app.
    #[arg(long, env = "META_APP_SECRETS_FILE")]
    meta_app_secrets_file: Option<PathBuf>,
    /// Hosts that files may be fetched from, comma-separated, each exact or as `*.fbsbx.com`; the host of
    /// META_GRAPH_URL is always one of them. [default: *.fbsbx.com,*.facebook.com,*.whatsapp.net]
    #[arg(long, env = "META_MEDIA_HOSTS")]
    meta_media_hosts: Option<String>,
}

impl MetaArgs {
    pub(super) fn read(self) -> Result<MetaConfig, ConfigError> {
        let Self {
            meta_graph_url,
            meta_dialog_url,
            meta_graph_version,
            meta_app_id,
            meta_config_id,
            meta_app_secrets,
            meta_app_secrets_file,
            meta_media_hosts,
        } = self;
        if !is_web(&meta_graph_url) {
            return Err(ConfigError::new(
                "META_GRAPH_URL",
                "must be a URL such as https://graph.facebook.com",
            ));
        }
        if !is_web(&meta_dialog_url) {
            return Err(ConfigError::new(
                "META_DIALOG_URL",
                "must be a URL such as https://www.facebook.com",
            ));
        }
        if !is_version(&meta_graph_version) {
            return Err(ConfigError::new("META_GRAPH_VERSION", "must be a version such as v25.0"));
        }
        let app_id = id("META_APP_ID", meta_app_id)?;
        let config_id = id("META_CONFIG_ID", meta_config_id)?;
        let list = secret::read("META_APP_SECRETS", meta_app_secrets, meta_app_secrets_file)?;
        let app_secrets = split(list.as_ref().map_or("", Secret::expose))?;
        let media_hosts = meta_media_hosts.filter(|hosts| !hosts.trim().is_empty());
        let media_hosts = media_hosts.map(|hosts| hosts.parse::<MediaHosts>()).transpose();
        let media_hosts =
            media_hosts.map_err(|wrong| ConfigError::new("META_MEDIA_HOSTS", wrong.to_string()))?;
        Ok(MetaConfig {
            graph_url: meta_graph_url,
            version: meta_graph_version,
            dialog_url: meta_dialog_url,
            config_id,
            app_id,
            app_secrets,
            media_hosts: media_hosts.unwrap_or_default(),
            timeout: meta::TIMEOUT,
        })
    }
}

fn split(list: &str) -> Result<Vec<Secret>, ConfigError> {
    let secrets = list.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    let read = |secret: &str| {
        if secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Secret::new(secret.to_owned()))
        } else {
            Err(ConfigError::new("META_APP_SECRETS", "has characters that no secret has"))
        }
    };
    secrets.map(read).collect()
}

fn id(name: &str, id: Option<String>) -> Result<Option<String>, ConfigError> {
    let id = id.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| !id.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err(ConfigError::new(name, "has characters that no id has"));
    }
    Ok(id)
}

/// True for the address of a place on the web, without a query.
pub(super) fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@'))
}

fn is_version(version: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major) && digits(minor))
}
