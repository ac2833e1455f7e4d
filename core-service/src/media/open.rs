//! Where the store is, and opening it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use object_store::local::LocalFileSystem;

use super::{MediaError, MediaStore};

/// Written and removed at the start, as a folder that takes nothing would be found out too late.
const PROBE: &str = "probe";
/// So many writers of one object at a time leave something behind that is found again.
const BEGUN: u32 = 8;

/// Where the bytes of files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, made when it is missing. Every core must see the same one.
    Folder(PathBuf),
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("file:") {
            Some(path) if !path.is_empty() => Ok(Self::Folder(path.into())),
            Some(_) | None => {
                Err("must be file: and a folder, such as file:/var/lib/whatsapp/media")
            }
        }
    }
}

/// The store does not open.
#[derive(Debug, thiserror::Error)]
#[error("the folder {folder} cannot be used: {why}")]
pub struct OpenError {
    folder: PathBuf,
    why: io::Error,
}

impl MediaStore {
    /// Opens the store and proves that it can be written. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the place.
    pub fn open(place: &Place) -> Result<Self, OpenError> {
        let Place::Folder(folder) = place;
        let refused = |why: io::Error| OpenError { folder: folder.clone(), why };
        fs::create_dir_all(folder).map_err(refused)?;
        let folder = fs::canonicalize(folder).map_err(refused)?;
        prove(&folder).map_err(refused)?;
        let objects = LocalFileSystem::new_with_prefix(&folder).map_err(io::Error::other);
        // What is told as stored has to be, also after the power went.
        let objects = objects.map_err(refused)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), folder: Some(folder) })
    }

    /// A store in memory, forgotten with the process: for commands and tests that are about something else.
    pub fn in_memory() -> Self {
        Self { objects: Arc::new(object_store::memory::InMemory::new()), folder: None }
    }

    /// Removes what a crash left of an object that was being written. A rival may still be writing it: who
    /// finishes first then renames what the other has begun, and sees by its size that it is not whole
    /// (`put`); the other finds nothing to rename. Either comes again.
    pub(super) async fn sweep(&self, name: &object_store::path::Path) -> Result<(), MediaError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let object = folder.join(name.as_ref());
        let swept = tokio::task::spawn_blocking(move || sweep(&object)).await;
        let failed = |why: String| MediaError::Unavailable(why);
        swept.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))
    }
}

/// The folder's store writes an object beside its place, as `<name>#<n>`, and renames it when it is whole.
fn sweep(object: &Path) -> io::Result<()> {
    for n in 1..=BEGUN {
        let mut begun = object.as_os_str().to_owned();
        begun.push(format!("#{n}"));
        match fs::remove_file(begun) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Cores that start together have a file of their own each: their process may have the same number, each in
/// its container.
fn prove(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!("{PROBE}-{:016x}", rand::random::<u64>()));
    let mut file = File::create_new(&probe)?;
    let written = file.write_all(PROBE.as_bytes()).and_then(|()| file.sync_all());
    let removed = fs::remove_file(&probe);
    written.and(removed)
}
