//! The sandbox's own secrets: worth nothing outside of it, made fresh and kept in its data folder.
//!
//! Invariant: what seals the sandbox's data is kept beside it, so that a restart can open it.

use std::{io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// The id of the simulated Meta app.
pub const APP_ID: &str = "670843887433847";
/// The secret of the simulated Meta app.
pub const APP_SECRET: &str = "sandbox-app-secret";
/// Where the simulated Meta sends people back to when cores and edges are processes of their own. Nobody
/// listens there: whoever plays the browser takes the query to an edge.
pub const REDIRECT_URI: &str = "https://whatsapp.linkojob.test/api/auth/whatsapp/callback";
/// Where a browser goes afterwards, likewise.
pub const RETURN_URL: &str = "https://whatsapp.linkojob.test/settings";
/// What the simulated Meta repeats when it verifies the webhook address.
pub const VERIFY_TOKEN: &str = "sandbox-verify-token";

/// Secrets of one sandbox.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Between edge and core.
    pub service_token: String,
    /// The core's key ring.
    pub token_keys: String,
}

impl Secrets {
    /// New ones.
    pub fn fresh() -> Self {
        let key: [u8; 32] = rand::random();
        let token: [u8; 24] = rand::random();
        Self {
            service_token: token.iter().map(|byte| format!("{byte:02x}")).collect(),
            token_keys: format!("1:{}", STANDARD.encode(key)),
        }
    }

    /// Those of a data folder; makes and keeps them when there are none.
    ///
    /// # Errors
    /// When the file cannot be read, understood or written.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        let path = folder.join("secrets.json");
        match std::fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::fresh();
                write_private(&path, &serde_json::to_vec_pretty(&secrets)?)?;
                Ok(secrets)
            }
            Err(error) => Err(error),
        }
    }
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file =
        std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
