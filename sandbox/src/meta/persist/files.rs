//! The bytes of files, each in one of its own: a snapshot is written often, and they never change.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::meta::media::Medium;

/// Puts the bytes back into what a snapshot knows of files; one without them is forgotten.
pub(super) fn read(folder: &Path, saved: Vec<Arc<Medium>>) -> io::Result<Vec<Arc<Medium>>> {
    let mut whole = Vec::with_capacity(saved.len());
    for medium in saved {
        match fs::read(place(folder, &medium.id)) {
            Ok(bytes) => {
                let medium = Arc::unwrap_or_clone(medium);
                whole.push(Arc::new(Medium { bytes: Bytes::from(bytes), ..medium }));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tracing::warn!(medium.id = %medium.id, "a file of the simulated Meta is gone");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(whole)
}

/// Writes what is not written yet.
pub(super) fn write(folder: &Path, media: &[Arc<Medium>]) -> io::Result<()> {
    for medium in media {
        let place = place(folder, &medium.id);
        if place.exists() {
            continue;
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        let fresh = place.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&medium.bytes)?;
        file.sync_data()?;
        fs::rename(fresh, place)?;
    }
    Ok(())
}

/// Removes what no snapshot refers to any more.
pub(super) fn sweep(folder: &Path, media: &[Arc<Medium>]) -> io::Result<()> {
    let entries = match fs::read_dir(folder.join("media")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let known: HashSet<&str> = media.iter().map(|medium| medium.id.as_str()).collect();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_none_or(|name| !known.contains(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Ids are digits that were made here, and safe as names.
fn place(folder: &Path, id: &str) -> PathBuf {
    folder.join("media").join(id)
}
