//! A caller waits for what becomes of their message.
//!
//! Invariant: what they are told is stored, and is told as soon as it is known, whichever process sends
//! the message.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Sent,
    waiters::{Waiting, Word},
};
use crate::{
    domain::{event::Position, message::Message, owner::Owner, refusal::Refusal, status::Status},
    flows::{Core, Error},
};

/// How often a waiting caller looks at its message without being woken.
const LOOK: Duration = Duration::from_secs(1);
/// How long a caller lets its owner's log grow before the first look; it doubles with each look, as a
/// busy owner's log grows all the time.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

impl Core {
    /// Waits until a message has settled, or until the time is over. `here` says that this process
    /// sends it; otherwise its owner's log tells.
    pub(super) async fn outcome_of(
        &self,
        owner: &Owner,
        mut waiting: Waiting<'_>,
        here: bool,
        until: Instant,
    ) -> Result<Sent, Error> {
        let mut tail = (!here).then(|| self.store.tail(owner));
        let mut pause = FIRST_PAUSE;
        loop {
            let over = Instant::now() >= until || self.stop.is_cancelled();
            let mut known = None;
            if !over {
                let nap = until.min(Instant::now() + LOOK);
                tokio::select! {
                    word = waiting.word() => match word {
                        Word::Stands(message) => known = Some(*message),
                        Word::Elsewhere => tail = Some(self.store.tail(owner)),
                        Word::Nothing => continue,
                    },
                    () = moves(tail.as_mut(), pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                    () = self.stop.cancelled() => {}
                    () = sleep_until(nap) => {}
                }
            }
            let message = match known {
                Some(message) => message,
                None => self.own_message(owner, waiting.id()).await?,
            };
            // What is put back beyond the caller's patience will not settle while they wait.
            let left = until.saturating_duration_since(Instant::now());
            let later = message.due_at().is_some_and(|due| due.since(self.clock.now()) > left);
            if over || later || message.life.status().is_settled() {
                return told(message);
            }
        }
    }
}

/// Waits until a log has grown, and a little longer; for ever without one.
async fn moves(tail: Option<&mut watch::Receiver<Position>>, pause: Duration) {
    let Some(tail) = tail else { return std::future::pending().await };
    if tail.changed().await.is_err() {
        return std::future::pending().await;
    }
    sleep(pause).await;
}

/// What a caller who waited is told. A message that Meta took is a success, whatever came after.
pub(super) fn told(message: Message) -> Result<Sent, Error> {
    let taken = message.life.history().iter().any(|step| step.status == Status::Accepted);
    match message.life.failure() {
        Some(failure) if !taken => {
            let id = Some(message.id);
            Err(Error::Refused(match failure.name.as_str() {
                "WINDOW_CLOSED" => Refusal::WindowClosed { message: id },
                "CLIENT_NOT_CONNECTED" => Refusal::ClientNotConnected,
                _ => Refusal::MetaRejected { reason: failure.reason(), message: id },
            }))
        }
        Some(_) | None => Ok(Sent { message, replayed: false }),
    }
}
