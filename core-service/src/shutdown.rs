//! Ending: by SIGTERM or Ctrl-C, politely first.
//!
//! Invariant: whoever holds the token sees the end coming; work that began is finished or given up
//! within the grace period.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// How long a drain may take; the caller's supervisor kills after 25 s.
pub const GRACE: Duration = Duration::from_secs(20);

/// Cancels `stop` when the process is asked to end.
///
/// # Errors
/// When signal handlers cannot be installed.
pub fn on_signal(stop: CancellationToken) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to end; draining");
        stop.cancel();
    });
    Ok(())
}
