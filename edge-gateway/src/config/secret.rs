//! A value that must not be seen.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr, sync::Arc};

use super::ConfigError;

/// A secret setting: no `Display`, and a `Debug` that hides it.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// The value itself; whoever asks must not log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(value))
    }
}

/// The value, else the file's content without its last line end; an empty one counts as none.
pub(super) fn load(
    name: &str,
    value: Option<&Secret>,
    file: Option<&PathBuf>,
) -> Result<Option<Secret>, ConfigError> {
    if let Some(value) = value.filter(|value| !value.reveal().is_empty()) {
        return Ok(Some(value.clone()));
    }
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::invalid(format!("{name}_FILE"), format!("{}: {error}", path.display()))
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    Ok((!text.is_empty()).then(|| Secret::from(text)))
}
