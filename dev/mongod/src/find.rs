//! Which `mongod` to run: the one that `MONGOD` names, else one on `PATH`, else a fetched one.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, fetch};

/// Names the binary to run.
const VARIABLE: &str = "MONGOD";

/// The path of a `mongod`. Fetches one when there is none, once for all: this can take a minute.
///
/// # Errors
/// When there is none, and none can be fetched: says what to install.
pub fn find() -> Result<PathBuf, Error> {
    match env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        Some(named) => runs(PathBuf::from(named)),
        None => on_path().map_or_else(fetch::fetch, Ok),
    }
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join("mongod")).find(|file| file.is_file())
}

/// The path back if it runs: what was named must not be passed over silently.
pub(crate) fn runs(path: PathBuf) -> Result<PathBuf, Error> {
    match version(&path) {
        Ok(()) => Ok(path),
        Err(why) => Err(Error::DoesNotRun { path, why }),
    }
}

fn version(path: &Path) -> Result<(), String> {
    let output = Command::new(path).arg("--version").output().map_err(|error| error.to_string())?;
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(words.trim().to_owned()) }
}
