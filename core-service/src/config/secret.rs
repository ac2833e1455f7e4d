//! Secret settings: from the environment, or from the file that `<NAME>_FILE` names.

use std::{convert::Infallible, path::PathBuf};

use super::ConfigError;
use crate::secret::Secret;

/// Takes a secret as clap hands it over. Nothing is checked here: clap repeats what it refuses.
pub(super) fn take(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// The value, else what is in the file without its last line end; an empty one counts as none.
pub(super) fn read(
    name: &str,
    value: Option<Secret>,
    file: Option<PathBuf>,
) -> Result<Option<Secret>, ConfigError> {
    if let Some(value) = value.filter(|value| !value.expose().trim().is_empty()) {
        return Ok(Some(value));
    }
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        ConfigError::new(format!("{name}_FILE"), format!("{}: {error}", path.display()))
    })?;
    let text = Secret::new(text);
    let trimmed = text.expose().trim_end_matches(['\r', '\n']);
    Ok((!trimmed.is_empty()).then(|| Secret::new(trimmed.to_owned())))
}
