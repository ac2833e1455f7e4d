//! What the system says about the process of a server, without waiting for it: only its guard may.
//!
//! Only Linux tells. Elsewhere nothing is known, and whoever asks goes on without.

use std::fs;

/// Whether it ended, and waits for its guard to notice.
pub(crate) fn has_ended(pid: u32) -> bool {
    state(&format!("/proc/{pid}/stat")) == Some('Z')
}

/// Whether a thread of it still runs after a SIGSTOP. On a busy machine it takes a while until the
/// last of them has heard of it.
pub(crate) fn is_stopping(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads
        .flatten()
        .filter_map(|thread| state(&format!("{}/stat", thread.path().display())))
        .any(|state| !matches!(state, 'T' | 'Z' | 'X'))
}

/// The letter after the name, which is in brackets and may itself hold any.
fn state(path: &str) -> Option<char> {
    let stat = fs::read_to_string(path).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}
