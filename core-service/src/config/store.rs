//! Where the data is.

use std::path::PathBuf;

use super::ConfigError;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The folder of the embedded store.
    pub path: PathBuf,
}

/// The stores that can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Backend {
    /// SQLite in a folder of this machine.
    Embedded,
    /// A MongoDB replica set.
    #[value(name = "mongodb")]
    MongoDb,
}

#[derive(clap::Args)]
pub(super) struct StoreArgs {
    /// Which store.
    #[arg(long, env = "STORE")]
    store: Option<Backend>,
    /// Folder of the embedded store.
    #[arg(long, env = "EMBEDDED_PATH", default_value = "./data")]
    embedded_path: PathBuf,
    // Declared so that nobody believes that their data is there.
    #[arg(long, env = "MONGODB_URI", hide = true, hide_env_values = true)]
    mongodb_uri: Option<String>,
}

impl StoreArgs {
    pub(super) fn read(self) -> Result<Store, ConfigError> {
        let Self { store, embedded_path, mongodb_uri } = self;
        let mongodb = mongodb_uri.is_some_and(|uri| !uri.is_empty());
        match (store, mongodb) {
            (Some(Backend::Embedded), _) | (None, false) => {}
            (Some(Backend::MongoDb), _) => {
                return Err(ConfigError::new("STORE", "this build has no MongoDB store"));
            }
            (None, true) => {
                return Err(ConfigError::new("MONGODB_URI", "this build has no MongoDB store"));
            }
        }
        if embedded_path.as_os_str().is_empty() {
            return Err(ConfigError::new("EMBEDDED_PATH", "must name a folder"));
        }
        Ok(Store { path: embedded_path })
    }
}
