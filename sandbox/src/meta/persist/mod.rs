//! The platform's memory on disk: a snapshot, the ledger as a file that only grows, and each file that
//! somebody sent.
//!
//! Invariant: a snapshot replaces the old one in one rename; what it refers to is written before it. So a
//! process that dies at any point starts again from a whole state at most about a second old.

mod files;
mod form_one;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::form_one::FormOne;
use super::World;
use super::account::{BusinessNumber, Waba};
use super::hooks::Delivery;
use super::ledger::{Entry, Ledger, MAX_ENTRIES};
use super::media::{Medium, Shelf};
use super::oauth::Token;
use super::phone::Phones;
use super::state::State;

const SNAPSHOT: &str = "meta.json";
const LEDGER: &str = "ledger.jsonl";
const PAUSE: Duration = Duration::from_millis(500);
const FORM: u32 = 2;

/// Why state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// The disk refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The snapshot is not one.
    #[error("the snapshot is not readable: {0}")]
    Form(#[from] serde_json::Error),
    /// The snapshot is of another form.
    #[error("the snapshot has form {0}, this program reads form {FORM} and older")]
    OtherForm(u32),
}

/// What is read at the start.
#[derive(Debug, Default)]
pub struct Saved {
    /// The memory.
    pub state: State,
    /// Webhooks that were not settled.
    pub queue: Vec<Delivery>,
    /// How far business time was ahead.
    pub offset_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    form: u32,
    offset_ms: i64,
    /// Form 1 had each account and its only number in one row.
    #[serde(default, skip_serializing)]
    accounts: BTreeMap<String, FormOne>,
    #[serde(default)]
    wabas: BTreeMap<String, Waba>,
    #[serde(default)]
    numbers: BTreeMap<String, BusinessNumber>,
    tokens: BTreeMap<String, Arc<Token>>,
    phones: Phones,
    /// Without their bytes.
    #[serde(default)]
    media: Vec<Arc<Medium>>,
    version: u64,
    refused: BTreeMap<u32, u64>,
    webhooks: Vec<Delivery>,
}

/// Reads the folder; nothing when it has no snapshot yet.
///
/// # Errors
/// When a file cannot be read, or the snapshot is not one of ours.
pub fn load(folder: &Path) -> Result<Option<Saved>, PersistError> {
    fs::create_dir_all(folder)?;
    let bytes = match fs::read(folder.join(SNAPSHOT)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let snapshot: Snapshot = serde_json::from_slice(&bytes)?;
    let Snapshot {
        form,
        offset_ms,
        accounts,
        mut wabas,
        mut numbers,
        tokens,
        phones,
        media,
        version,
        refused,
        webhooks,
    } = snapshot;
    if !(1..=FORM).contains(&form) {
        return Err(PersistError::OtherForm(form));
    }
    for (waba, number) in accounts.into_values().map(FormOne::split) {
        numbers.insert(number.phone_number_id.clone(), number);
        wabas.insert(waba.waba_id.clone(), waba);
    }
    let ledger = Ledger::restored(load_ledger(&folder.join(LEDGER))?, refused);
    let media = Shelf::restored(files::read(folder, media)?);
    let state =
        State { wabas, numbers, tokens, phones, media, ledger, version, ..State::default() };
    Ok(Some(Saved { state, queue: webhooks, offset_ms }))
}

fn load_ledger(path: &Path) -> Result<VecDeque<Arc<Entry>>, PersistError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(VecDeque::new()),
        Err(error) => return Err(error.into()),
    };
    let (mut entries, mut seen, mut tidy) = (VecDeque::new(), HashSet::new(), true);
    for line in BufReader::new(file).lines() {
        // A write that failed half way leaves a torn line, and was repeated as a whole.
        let entry = serde_json::from_str::<Entry>(&line?).ok();
        let Some(entry) = entry.filter(|entry| seen.insert(entry.wamid.clone())) else {
            tidy = false;
            continue;
        };
        if entries.len() >= MAX_ENTRIES {
            entries.pop_front();
            tidy = false;
        }
        entries.push_back(Arc::new(entry));
    }
    if !tidy {
        let fresh = path.with_extension("new");
        append(&fresh, entries.iter())?;
        fs::rename(fresh, path)?;
    }
    Ok(entries)
}

fn append<'a>(
    path: &Path,
    entries: impl Iterator<Item = &'a Arc<Entry>>,
) -> Result<(), PersistError> {
    let mut file = BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?);
    for entry in entries {
        serde_json::to_writer(&mut file, entry)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    file.get_ref().sync_data()?;
    Ok(())
}

/// How much is saved already, so that only the rest is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// The newest entry of the ledger.
    ledger: u64,
    /// The version of the files.
    media: u64,
}

/// Saves after changes until `stop`, and once more then.
pub async fn run(world: World, folder: PathBuf, stop: CancellationToken) {
    let mut changes = world.changes();
    let mut offset = world.clock().watch();
    let mut known = Known { ledger: world.state().ledger.accepted(), media: 0 };
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = changes.changed() => false,
            _ = offset.changed() => false,
        };
        changes.mark_unchanged();
        offset.mark_unchanged();
        let began = Instant::now();
        known = save(&world, &folder, known).await;
        if last {
            return;
        }
        // A large state takes longer to write; it must not keep a core busy with nothing else.
        let pause = PAUSE.max(began.elapsed() * 10);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Saves what is new; answers what is saved then.
async fn save(world: &World, folder: &Path, known: Known) -> Known {
    let (entries, newest, snapshot) = collect(world, known);
    let folder = folder.to_owned();
    let files = newest.media != known.media;
    let write = move || write(&folder, &entries, &snapshot, files);
    let written = tokio::task::spawn_blocking(write).await;
    match written {
        Ok(Ok(())) => newest,
        Ok(Err(error)) => {
            tracing::error!(%error, "the simulated Meta cannot save its state");
            known
        }
        Err(error) => {
            tracing::error!(%error, "saving the simulated Meta's state broke");
            known
        }
    }
}

/// Takes everything under the locks, cheaply; it is serialised without them.
fn collect(world: &World, known: Known) -> (Vec<Arc<Entry>>, Known, Snapshot) {
    let state = world.state();
    let snapshot = Snapshot {
        form: FORM,
        offset_ms: world.clock().offset_ms(),
        accounts: BTreeMap::new(),
        wabas: state.wabas.clone(),
        numbers: state.numbers.clone(),
        tokens: state.tokens.clone(),
        phones: state.phones.clone(),
        media: state.media.iter().cloned().collect(),
        version: state.version,
        refused: state.ledger.refused().clone(),
        webhooks: world.queue().unsettled(),
    };
    let newest = Known { ledger: state.ledger.accepted(), media: state.media.version() };
    (state.ledger.since(known.ledger), newest, snapshot)
}

fn write(
    folder: &Path,
    entries: &[Arc<Entry>],
    snapshot: &Snapshot,
    files: bool,
) -> Result<(), PersistError> {
    if !entries.is_empty() {
        append(&folder.join(LEDGER), entries.iter())?;
    }
    if files {
        files::write(folder, &snapshot.media)?;
    }
    let (fresh, place) = (folder.join("meta.new"), folder.join(SNAPSHOT));
    let mut file = BufWriter::new(File::create(&fresh)?);
    serde_json::to_writer(&mut file, snapshot)?;
    file.flush()?;
    file.get_ref().sync_data()?;
    fs::rename(fresh, place)?;
    if files {
        files::sweep(folder, &snapshot.media)?;
    }
    Ok(())
}
