//! What a command says on standard output.
//!
//! Invariant: whoever stops listening, as `head` does, ends the command and breaks nothing.

use std::io::{ErrorKind, Write as _};

/// Whether somebody still listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Yes.
    Yes,
    /// Nobody does.
    No,
}

/// Writes bytes as they are.
///
/// # Errors
/// One line, when they cannot be written and somebody would have read them.
pub(super) fn say(bytes: &[u8]) -> Result<Heard, String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(Heard::Yes),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Heard::No),
        Err(error) => Err(format!("standard output: {error}")),
    }
}
