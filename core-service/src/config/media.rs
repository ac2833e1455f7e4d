//! Where the bytes of files are.

use std::path::Path;

use super::ConfigError;
use crate::media::Place;

#[derive(clap::Args)]
pub(super) struct MediaArgs {
    /// Where files that come in are kept: `file:` and a folder, the same one for every core.
    /// [default: file:<EMBEDDED_PATH>/media]
    #[arg(long, env = "MEDIA_STORE")]
    media_store: Option<String>,
}

impl MediaArgs {
    pub(super) fn read(self, embedded_path: &Path) -> Result<Place, ConfigError> {
        let Self { media_store } = self;
        match media_store.filter(|store| !store.is_empty()) {
            Some(store) => store.parse().map_err(|why: &str| ConfigError::new("MEDIA_STORE", why)),
            None => Ok(Place::Folder(embedded_path.join("media"))),
        }
    }
}
