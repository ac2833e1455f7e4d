//! Opening the store for a command.

use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, App},
    clock::Clock,
    config::{Config, Store},
};

/// A core over the store that the settings name, which serves nobody.
///
/// # Errors
/// One line, when there is no store, or it does not open.
pub(super) async fn open(config: Config, stop: CancellationToken) -> Result<App, String> {
    exists(&config.store)?;
    let app = App::without_files(config, Clock::default(), stop).await;
    app.map_err(|error| in_words(&error))
}

/// Opening makes an embedded store where there is none; a command means one that there is.
fn exists(store: &Store) -> Result<(), String> {
    match store {
        Store::Embedded { path } if !path.is_dir() => {
            Err(format!("EMBEDDED_PATH: {}: there is no store", path.display()))
        }
        Store::Embedded { path: _ } | Store::MongoDb { uri: _, database: _ } => Ok(()),
    }
}

/// Why it cannot begin; for a folder that a core has, what to do about it.
fn in_words(error: &app::Error) -> String {
    let folder = matches!(error, app::Error::Store { setting: "EMBEDDED_PATH", why: _ });
    let hint = "; the embedded store is for one process at a time: stop its core first";
    format!("{error}{}", if folder { hint } else { "" })
}
