//! Where the data is.

use std::path::{Path, PathBuf};

use super::{ConfigError, secret};
use crate::secret::Secret;

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Store {
    /// SQLite in a folder of this machine; one process.
    Embedded {
        /// The folder.
        path: PathBuf,
    },
    /// A MongoDB replica set; any number of processes.
    MongoDb {
        /// Connection string; may hold a password.
        uri: Secret,
        /// The database in it.
        database: String,
    },
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
    /// Which store; `mongodb` when MONGODB_URI is set, else `embedded`.
    #[arg(long, env = "STORE")]
    store: Option<Backend>,
    /// Folder of the embedded store.
    #[arg(long, env = "EMBEDDED_PATH", default_value = "./data")]
    embedded_path: PathBuf,
    /// Connection string of a MongoDB replica set.
    #[arg(long, env = "MONGODB_URI", hide_env_values = true, value_parser = secret::take)]
    mongodb_uri: Option<Secret>,
    /// File with the connection string.
    #[arg(long, env = "MONGODB_URI_FILE")]
    mongodb_uri_file: Option<PathBuf>,
    /// The database to use.
    #[arg(long, env = "MONGODB_DATABASE", default_value = "linkojob_whatsapp")]
    mongodb_database: String,
}

impl StoreArgs {
    /// The folder for what is kept on this machine.
    pub(super) fn folder(&self) -> &Path {
        &self.embedded_path
    }

    pub(super) fn read(self) -> Result<Store, ConfigError> {
        let Self { store, embedded_path, mongodb_uri, mongodb_uri_file, mongodb_database } = self;
        let uri = secret::read("MONGODB_URI", mongodb_uri, mongodb_uri_file)?;
        match (store, uri) {
            (Some(Backend::Embedded), _) | (None, None) => {
                if embedded_path.as_os_str().is_empty() {
                    return Err(ConfigError::new("EMBEDDED_PATH", "must name a folder"));
                }
                Ok(Store::Embedded { path: embedded_path })
            }
            (Some(Backend::MongoDb), None) => {
                Err(ConfigError::new("MONGODB_URI", "is needed for STORE=mongodb"))
            }
            (Some(Backend::MongoDb) | None, Some(uri)) => {
                Ok(Store::MongoDb { uri, database: database(mongodb_database)? })
            }
        }
    }
}

/// The server's own limits, said before it is asked.
fn database(name: String) -> Result<String, ConfigError> {
    let fits = (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits {
        return Ok(name);
    }
    Err(ConfigError::new("MONGODB_DATABASE", "must be 1 to 63 letters, digits, `_` and `-`"))
}
