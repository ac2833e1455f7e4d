//! Settings: flags and environment variables of the same names; a flag wins.
//!
//! Everything is parsed into a type that cannot be wrong; what is wrong stops the start with one
//! line that names the setting. Secrets can also come from a file, and are shown nowhere.

mod secret;
mod tls;
mod values;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Parser, builder::RangedU64ValueParser, error::ErrorKind};

pub use self::{
    secret::Secret,
    tls::{Tls, TlsFiles},
    values::{CoreUrl, CoreUrls, LogFormat, Origins, TrustedProxies},
};

/// A core takes no shorter token.
const TOKEN_LENGTH: usize = 32;
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const CORE_URL: &str = "http://127.0.0.1:50051";
const TRUSTED_PROXIES: &str = "127.0.0.0/8,::1/128";
const LOG_FILTER: &str = "info";
const SOCKET_MAX_AGE: Duration = Duration::from_secs(3600);
const SOCKETS_PER_OWNER: usize = 64;

/// A setting that stops the start.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct ConfigError {
    name: String,
    why: String,
}

impl ConfigError {
    /// A setting with a value that cannot be used.
    #[must_use]
    pub fn invalid(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), why: why.into() }
    }
}

/// The edge gateway of LinkoJob's WhatsApp service.
#[derive(Clone, Debug, Parser)]
#[command(name = "edge-gateway", version)]
pub struct Config {
    /// Address to serve on.
    #[arg(long, env = "EDGE_LISTEN", default_value_t = LISTEN)]
    pub edge_listen: SocketAddr,
    /// The cores, comma-separated; calls are spread over them by owner.
    #[arg(long, env = "CORE_URL", default_value = CORE_URL)]
    pub core_url: CoreUrls,
    /// What protects the way to the cores.
    #[command(flatten)]
    pub tls: TlsFiles,
    /// Service token of scope `edge`.
    #[arg(long, env = "CORE_SERVICE_TOKEN", hide_env_values = true)]
    pub core_service_token: Option<Secret>,
    /// File with the service token.
    #[arg(long, env = "CORE_SERVICE_TOKEN_FILE")]
    pub core_service_token_file: Option<PathBuf>,
    /// Secrets of the Meta app, comma-separated; a webhook may be signed with any of them.
    #[arg(long, env = "META_APP_SECRETS", hide_env_values = true)]
    pub meta_app_secrets: Option<Secret>,
    /// File with the secrets of the Meta app.
    #[arg(long, env = "META_APP_SECRETS_FILE")]
    pub meta_app_secrets_file: Option<PathBuf>,
    /// Token that Meta repeats when it verifies the webhook address.
    #[arg(long, env = "META_VERIFY_TOKEN", hide_env_values = true)]
    pub meta_verify_token: Option<Secret>,
    /// File with the verify token.
    #[arg(long, env = "META_VERIFY_TOKEN_FILE")]
    pub meta_verify_token_file: Option<PathBuf>,
    /// Networks whose identity headers are believed, comma-separated CIDR.
    #[arg(long, env = "EDGE_TRUSTED_PROXIES", default_value = TRUSTED_PROXIES)]
    pub edge_trusted_proxies: TrustedProxies,
    /// When set, the gateway must also send it as `x-gateway-secret`.
    #[arg(long, env = "EDGE_GATEWAY_SECRET", hide_env_values = true)]
    pub edge_gateway_secret: Option<Secret>,
    /// File with the gateway's secret.
    #[arg(long, env = "EDGE_GATEWAY_SECRET_FILE")]
    pub edge_gateway_secret_file: Option<PathBuf>,
    /// Origins of browsers that may change things or open sockets, comma-separated; none: the
    /// request's own host.
    #[arg(long, env = "EDGE_ALLOWED_ORIGINS", default_value = "")]
    pub edge_allowed_origins: Origins,
    /// Age at which a socket is told to reconnect, give or take a fifth: `90s`, `30m`, `1h`.
    #[arg(long, env = "EDGE_SOCKET_MAX_AGE", default_value = "1h", value_parser = values::duration)]
    pub edge_socket_max_age: Duration,
    /// Most sockets of one owner on this edge.
    #[arg(
        long, env = "EDGE_SOCKETS_PER_OWNER", default_value_t = SOCKETS_PER_OWNER,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    pub edge_sockets_per_owner: usize,
    /// How a log line looks.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What is logged, as `tracing` filters say it.
    #[arg(long = "rust-log", env = "RUST_LOG", default_value = LOG_FILTER)]
    pub log_filter: String,
}

impl Default for Config {
    /// The defaults, whatever stands in the environment; the secrets are missing.
    fn default() -> Self {
        Self {
            edge_listen: LISTEN,
            core_url: CoreUrls::default(),
            tls: TlsFiles::default(),
            core_service_token: None,
            core_service_token_file: None,
            meta_app_secrets: None,
            meta_app_secrets_file: None,
            meta_verify_token: None,
            meta_verify_token_file: None,
            edge_trusted_proxies: TrustedProxies::default(),
            edge_gateway_secret: None,
            edge_gateway_secret_file: None,
            edge_allowed_origins: Origins::default(),
            edge_socket_max_age: SOCKET_MAX_AGE,
            edge_sockets_per_owner: SOCKETS_PER_OWNER,
            log_format: LogFormat::Text,
            log_filter: LOG_FILTER.to_owned(),
        }
    }
}

impl Config {
    /// Reads flags and environment. `--help` and `--version` print and end the process.
    ///
    /// # Errors
    /// With one line that names the setting.
    pub fn from_process() -> Result<Self, ConfigError> {
        Self::from_args(std::env::args_os())
    }

    /// As [`Config::from_process`], with these flags; the first one names the program.
    ///
    /// # Errors
    /// With one line that names the setting.
    pub fn from_args<T: Into<OsString> + Clone>(
        args: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        Self::try_parse_from(args).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
            _ => one_line(&error),
        })
    }

    /// Secrets of the Meta app; at least one.
    pub(crate) fn app_secrets(&self) -> Result<Vec<Secret>, ConfigError> {
        let list = required(
            "META_APP_SECRETS",
            self.meta_app_secrets.as_ref(),
            self.meta_app_secrets_file.as_ref(),
        )?;
        let secrets: Vec<Secret> = list
            .reveal()
            .split(',')
            .map(str::trim)
            .filter(|secret| !secret.is_empty())
            .map(Secret::from)
            .collect();
        if secrets.is_empty() {
            return Err(ConfigError::invalid("META_APP_SECRETS", "must name at least one secret"));
        }
        Ok(secrets)
    }

    pub(crate) fn verify_token(&self) -> Result<Secret, ConfigError> {
        let (value, file) = (&self.meta_verify_token, &self.meta_verify_token_file);
        required("META_VERIFY_TOKEN", value.as_ref(), file.as_ref())
    }

    pub(crate) fn service_token(&self) -> Result<Secret, ConfigError> {
        let (value, file) = (&self.core_service_token, &self.core_service_token_file);
        let token = required("CORE_SERVICE_TOKEN", value.as_ref(), file.as_ref())?;
        let letters = token.reveal().as_bytes();
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        if letters.len() >= TOKEN_LENGTH && letters.iter().all(known) {
            Ok(token)
        } else {
            let why = format!("must be at least {TOKEN_LENGTH} characters of A-Z a-z 0-9 _ -");
            Err(ConfigError::invalid("CORE_SERVICE_TOKEN", why))
        }
    }

    pub(crate) fn gateway_secret(&self) -> Result<Option<Secret>, ConfigError> {
        let (value, file) = (&self.edge_gateway_secret, &self.edge_gateway_secret_file);
        secret::load("EDGE_GATEWAY_SECRET", value.as_ref(), file.as_ref())
    }
}

fn required(
    name: &str,
    value: Option<&Secret>,
    file: Option<&PathBuf>,
) -> Result<Secret, ConfigError> {
    secret::load(name, value, file)?
        .ok_or_else(|| ConfigError::invalid(name, format!("is required (or {name}_FILE)")))
}

/// clap explains over several lines; the first one names the setting and the reason.
fn one_line(error: &clap::Error) -> ConfigError {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let name = first.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    ConfigError::invalid(name.map_or("settings", |(name, _)| name), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let arguments = std::iter::once("edge-gateway").chain(arguments.iter().copied());
        one_line(&Config::try_parse_from(arguments).expect_err("must be refused")).to_string()
    }

    #[test]
    fn a_wrong_setting_is_named_in_one_line() {
        for (flag, value, name) in [
            ("--edge-listen", "nowhere", "EDGE_LISTEN"),
            ("--core-url", "ftp://core", "CORE_URL"),
            ("--edge-trusted-proxies", "10.0.0.0/99", "EDGE_TRUSTED_PROXIES"),
            ("--edge-allowed-origins", "not an origin", "EDGE_ALLOWED_ORIGINS"),
            ("--edge-socket-max-age", "soon", "EDGE_SOCKET_MAX_AGE"),
            ("--edge-sockets-per-owner", "0", "EDGE_SOCKETS_PER_OWNER"),
            ("--log-format", "xml", "LOG_FORMAT"),
        ] {
            let line = refused(&[flag, value]);
            assert!(line.starts_with(&format!("{name}: ")), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn secrets_are_shown_nowhere() {
        let config = Config {
            core_service_token: Some(Secret::from("hidden-token")),
            meta_app_secrets: Some(Secret::from("hidden-one,hidden-two")),
            ..Config::default()
        };
        assert!(!format!("{config:?}").contains("hidden"));
        assert_eq!(config.app_secrets().expect("two").len(), 2);
    }

    #[test]
    fn a_token_that_no_core_takes_is_refused_at_the_start() {
        for wrong in ["short", "a token with spaces in it, of forty letters"] {
            let token = Some(Secret::from(wrong));
            let config = Config { core_service_token: token, ..Config::default() };
            let error = config.service_token().expect_err("refused").to_string();
            assert!(error.starts_with("CORE_SERVICE_TOKEN: must be"), "{error}");
            assert!(!error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_missing_secret_is_named() {
        let error = Config::default().verify_token().expect_err("missing");
        assert_eq!(error.to_string(), "META_VERIFY_TOKEN: is required (or META_VERIFY_TOKEN_FILE)");
    }
}
