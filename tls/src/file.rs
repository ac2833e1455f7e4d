//! Reads a PEM file, up to a size that no such file has.

use std::{fs::File, io::Read as _, path::Path};

use zeroize::Zeroizing;

use crate::Why;

const LIMIT: u64 = 1024 * 1024;
/// What PEM begins with.
const BEGIN: &str = "-----BEGIN";

/// All of it. It may hold a key, so it is wiped when it is dropped.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Why> {
    let shown = path.to_string_lossy();
    if shown.contains(BEGIN) || shown.chars().any(char::is_control) {
        return Err(Why::NoPath);
    }
    let file = File::open(path).map_err(Why::Unreadable)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(Why::Unreadable)?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= LIMIT => Ok(bytes),
        Ok(_) | Err(_) => Err(Why::TooLarge),
    }
}
