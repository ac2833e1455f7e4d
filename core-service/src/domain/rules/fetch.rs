//! A file that came in: begun with its message, tried again for days, and in the end stored or lost.
//!
//! Invariant: only a file that is `PENDING` changes, once, and that is told in the same commit; nothing
//! here depends on what else happens to the message.

use std::time::Duration;

use crate::domain::{
    backoff::Backoff,
    content::{Content, Media, MediaState},
    event::News,
    fetch::{Fetch, pending},
    ids::MessageId,
    time::Timestamp,
    working_set::WorkingSet,
};

/// How long Meta keeps what was sent to us. Counted from when we heard of it: its own count may have
/// begun later, never earlier than the message.
pub const KEPT_BY_META: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When the last try is due: early enough that Meta still has the file, and that it can come.
pub const LAST_TRY: Duration = KEPT_BY_META.saturating_sub(Duration::from_secs(60 * 60));

/// Between two tries.
pub const BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(60 * 60));

/// At least between two tries after a refusal: what Meta does not show for the moment, it shows in hours.
pub const AFTER_REFUSAL: Backoff =
    Backoff::new(Duration::from_secs(30 * 60), Duration::from_secs(12 * 60 * 60));

/// The longest that Meta's word puts a try off for, as a wrong one must not use the seven days up.
pub const LONGEST_WISH: Duration = Duration::from_secs(6 * 60 * 60);

/// So many refusals end it. Meta answers alike for a file that is gone and for one that we may not see
/// for the moment, so the first word is not taken for the last.
pub const REFUSALS: u32 = 5;

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
}

/// Why a file was not fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setback {
    /// An outage, of Meta's or ours. It may take days.
    Away {
        /// For operators.
        why: String,
        /// When Meta wants to be asked again, if it said so.
        retry_after: Option<Duration>,
    },
    /// Meta has no such file, or gave another one.
    Refused(String),
    /// It will never be ours.
    Hopeless(String),
    /// There is no connection to ask with. Connecting again makes it due.
    NotConnected,
}

/// The bytes of the file that Meta calls `media_id` are ours.
pub fn stored(set: &mut WorkingSet, id: MessageId, media_id: &str, file: &File) {
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    end(set, id, media_id, |media, fetch| {
        media.state = MediaState::Stored;
        media.size = Some(size);
        media.sha256 = Some(file.sha256.clone());
        *fetch = None;
    });
}

/// A try for the file that Meta calls `media_id` failed; `spread` is a random number from 0 to 1.
pub fn set_back(
    set: &mut WorkingSet,
    id: MessageId,
    media_id: &str,
    setback: &Setback,
    spread: f64,
) {
    let now = set.now();
    let Some(message) = set.message(id) else { return };
    let Some(mut fetch) = message.fetch.clone() else { return };
    let last = message.created_at + LAST_TRY;
    let failed = fetch.attempts.saturating_add(1);
    let pause = BACKOFF.pause(failed, spread);
    let (pause, why) = match setback {
        Setback::Away { why, retry_after } => {
            fetch.attempts = failed;
            let wanted = retry_after.unwrap_or_default().min(LONGEST_WISH);
            (wanted.max(pause), why.as_str())
        }
        Setback::Refused(why) => {
            fetch.attempts = failed;
            fetch.refusals = fetch.refusals.saturating_add(1);
            (pause.max(AFTER_REFUSAL.pause(fetch.refusals, spread)), why.as_str())
        }
        Setback::Hopeless(why) => {
            fetch.attempts = failed;
            (pause, why.as_str())
        }
        // Nobody was asked. Connecting makes it due; should that be missed, this does.
        Setback::NotConnected => (BACKOFF.pause(u32::MAX, spread), "the client is not connected"),
    };
    fetch.last_error = Some(why.to_owned());
    let hopeless = matches!(setback, Setback::Hopeless(_));
    if hopeless || fetch.refusals >= REFUSALS || now >= last {
        fetch.due_at = None;
        end(set, id, media_id, |media, row| {
            media.state = MediaState::Lost;
            *row = Some(fetch);
        });
        return;
    }
    fetch.due_at = Some((now + pause).min(last));
    if is_about(set, id, media_id) {
        set.change_message(id, |row| row.fetch = Some(fetch));
    }
}

/// What was put off is due now.
pub fn hasten(set: &mut WorkingSet, id: MessageId) {
    let now = set.now();
    let put_off = |due: Timestamp| due > now;
    if set.message(id).and_then(|row| row.fetch_at()).is_some_and(put_off) {
        set.change_message(id, |row| {
            if let Some(fetch) = &mut row.fetch {
                fetch.due_at = Some(now);
            }
        });
    }
}

/// True while this very file is what the message waits for: an edit may have given it another one.
fn is_about(set: &WorkingSet, id: MessageId, media_id: &str) -> bool {
    let pending = set.message(id).and_then(|row| pending(&row.content));
    pending.is_some_and(|(_, id)| id == media_id)
}

/// Ends fetching a file, and tells it.
fn end(
    set: &mut WorkingSet,
    id: MessageId,
    media_id: &str,
    with: impl FnOnce(&mut Media, &mut Option<Box<Fetch>>),
) {
    if !is_about(set, id, media_id) {
        return;
    }
    let changed = set.change_message(id, |row| {
        if let Content::Media(media) = &mut row.content {
            with(media, &mut row.fetch);
        }
    });
    let Some(message) = changed else { return };
    if let Some(conversation) = set.conversation(message.conversation_id).cloned() {
        set.tell(News::MessageUpdated { conversation, message });
    }
}
