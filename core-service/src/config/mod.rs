//! Settings: flags and environment variables of the same names; a flag wins.
//!
//! Everything is read into a type that cannot be wrong, one struct per concern; what is wrong stops the
//! start with one line that names the setting. Secrets come from files too, and are shown nowhere.
//!
//! To add a setting: a field in the `…Args` of its concern, whose doc comment is its help text, and a
//! field in what they are read into.

mod journal;
mod keys;
mod listen;
mod log;
mod media;
mod meta;
mod metrics;
mod oauth;
mod order;
mod retention;
mod secret;
mod store;
mod tls;

use std::ffi::OsString;

use clap::{Parser, error::ErrorKind};

pub use self::{
    journal::{JournalTask, Listing, Replaying, When},
    listen::Listen,
    log::{Log, LogFormat},
    metrics::Metrics,
    order::{Order, Task},
    retention::Retention,
    store::Store,
};
use crate::{
    flows::onboard::OauthSettings, grpc::auth::ServiceTokens, keys::KeyRing, media::Place,
    meta::MetaConfig,
};

/// A setting that stops the start, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct ConfigError {
    name: String,
    why: String,
}

impl ConfigError {
    /// A setting that cannot be used, and why. The reason must not repeat a secret.
    pub fn new(name: impl Into<String>, why: impl Into<String>) -> Self {
        let why: String = why.into();
        Self { name: name.into(), why: why.split_whitespace().collect::<Vec<_>>().join(" ") }
    }
}

/// Everything that can be set.
#[derive(Debug)]
pub struct Config {
    /// Where and how the core listens.
    pub listen: Listen,
    /// Where the data is.
    pub store: Store,
    /// Keys that seal secrets and mark cursors.
    pub keys: KeyRing,
    /// Who may call.
    pub tokens: ServiceTokens,
    /// Where the bytes of files are.
    pub media: Place,
    /// Meta, and who we are to it.
    pub meta: MetaConfig,
    /// Where people come back to from Meta.
    pub oauth: OauthSettings,
    /// How long things are kept.
    pub retention: Retention,
    /// Where the core tells of itself in numbers.
    pub metrics: Metrics,
    /// What is logged, and how.
    pub log: Log,
}

/// The core of LinkoJob's WhatsApp service.
#[derive(Parser)]
#[command(name = "core-service", version)]
struct Args {
    #[command(flatten)]
    listen: listen::ListenArgs,
    #[command(flatten)]
    store: store::StoreArgs,
    #[command(flatten)]
    media: media::MediaArgs,
    #[command(flatten)]
    keys: keys::KeysArgs,
    #[command(flatten)]
    meta: meta::MetaArgs,
    #[command(flatten)]
    oauth: oauth::OauthArgs,
    #[command(flatten)]
    retention: retention::RetentionArgs,
    #[command(flatten)]
    metrics: metrics::MetricsArgs,
    #[command(flatten)]
    log: log::LogArgs,
}

impl Config {
    /// Reads the flags and environment of this process. `--help` and `--version` print and end it.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that is wrong.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_args(std::env::args_os())
    }

    /// As [`Config::load`], from these flags; the first one is the name of the program.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_args(
        args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, ConfigError> {
        parsed(Args::try_parse_from(args))?.read()
    }
}

impl Args {
    fn read(self) -> Result<Config, ConfigError> {
        let Args { listen, store, media, keys, meta, oauth, retention, metrics, log } = self;
        let media = media.read(store.folder())?;
        let (listen, store) = (listen.read()?, store.read()?);
        let metrics = metrics.read()?;
        let (keys, tokens) = keys.read()?;
        let (meta, oauth, retention) = (meta.read()?, oauth.read()?, retention.read());
        Ok(Config {
            listen,
            store,
            keys,
            tokens,
            media,
            meta,
            oauth,
            retention,
            metrics,
            log: log.read(),
        })
    }
}

/// What clap made of the flags. `--help` and `--version` print and end the process.
fn parsed<T>(outcome: Result<T, clap::Error>) -> Result<T, ConfigError> {
    outcome.map_err(|error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            error.exit();
        }
        one_line(&error)
    })
}

/// clap explains over several lines; the first one names the setting and the reason.
fn one_line(error: &clap::Error) -> ConfigError {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let name = first.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    ConfigError::new(name.map_or("settings", |(name, _)| name), first)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
