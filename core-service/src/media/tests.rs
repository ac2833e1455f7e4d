//! What is stored is there whole, or not at all.

use std::{convert::Infallible, fs, path::PathBuf};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::domain::rules::fetch::File;

fn message(n: u128) -> MessageId {
    MessageId::new(Uuid::from_u128(n))
}

fn store() -> (MediaStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("a/media"));
    (MediaStore::open(&place).unwrap(), folder)
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    crate::hex::encode(&Sha256::digest(bytes))
}

fn come(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let chunks: Vec<_> = bytes.chunks(100_000).map(Bytes::copy_from_slice).collect();
    stream::iter(chunks.into_iter().map(Ok))
}

/// Every file below a folder.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.path().to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let into = if path.is_dir() { &mut folders } else { &mut files };
            into.push(path);
        }
    }
    files
}

async fn all(store: &MediaStore, id: MessageId, size: u64) -> Vec<u8> {
    let chunks: Vec<Bytes> = store.read(id, 0..size).await.unwrap().try_collect().await.unwrap();
    assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= 256 * 1024));
    chunks.concat()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_whole_and_in_parts() {
    let (store, folder) = store();
    for (n, length) in [0, 1, 70_000, 5 * 1024 * 1024, 12_000_000].into_iter().enumerate() {
        let (id, bytes) = (message(n as u128), bytes(length));
        let size = length as u64;
        let wanted = Wanted { sha256: Some(hex(&bytes)), size: None };
        let stored = store.put(id, come(&bytes), &wanted).await.unwrap();
        assert_eq!(stored, File { size, sha256: hex(&bytes) });
        assert_eq!(all(&store, id, size).await, bytes);
        assert_eq!(store.head(id, size).await.unwrap(), bytes[..length.min(4096)]);
        if length > 70_000 {
            let part = store.read(id, 69_998..70_003).await.unwrap();
            let part: Vec<Bytes> = part.try_collect().await.unwrap();
            assert_eq!(part.concat(), bytes[69_998..70_003]);
        }
        assert_eq!(files(&folder).len(), n + 1);
    }
}

#[tokio::test]
async fn what_is_not_what_was_wanted_leaves_nothing_behind() {
    let (store, folder) = store();
    let wrong_digest = Wanted { sha256: Some(hex(b"other")), size: None };
    let wrong_size = Wanted { sha256: None, size: Some(3) };
    for length in [10, 12_000_000] {
        for (wanted, what) in [(&wrong_digest, "digest"), (&wrong_size, "size")] {
            let put = store.put(message(1), come(&bytes(length)), wanted).await;
            assert_eq!(put, Err(PutError::Wrong(what)));
        }
        let breaks = come(&bytes(length)).map(|chunk| chunk.map_err(|never| match never {}));
        let breaks = breaks.chain(stream::iter([Err("broken")]));
        let put = store.put(message(1), breaks, &Wanted::default()).await;
        assert_eq!(put, Err(PutError::Source("broken")));
        assert_eq!(files(&folder), Vec::<PathBuf>::new());
        let read = store.read(message(1), 0..1).await;
        assert!(matches!(read.err(), Some(MediaError::Missing(_))));
    }
}

#[tokio::test]
async fn a_file_that_does_not_end_is_left_off_at_the_largest() {
    let (store, folder) = store();
    let chunk = Bytes::from(vec![0; 1024 * 1024]);
    let mut taken = 0;
    let endless = stream::repeat_with(|| {
        taken += 1;
        Ok::<_, Infallible>(chunk.clone())
    });
    let put = store.put(message(1), endless, &Wanted::default()).await;
    assert_eq!((put, taken), (Err(PutError::TooLarge), 101));
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn what_a_crash_left_is_swept_and_was_never_seen() {
    let (store, folder) = store();
    store.put(message(1), come(b"first"), &Wanted::default()).await.unwrap();
    let object = files(&folder).pop().unwrap();
    for n in [1, 2] {
        fs::write(format!("{}#{n}", object.display()), b"hal").unwrap();
    }
    assert_eq!(all(&store, message(1), 5).await, b"first");
    store.put(message(1), come(b"again"), &Wanted::default()).await.unwrap();
    assert_eq!(files(&folder), std::slice::from_ref(&object));
    assert_eq!(all(&store, message(1), 5).await, b"again");

    fs::write(format!("{}#1", object.display()), b"hal").unwrap();
    store.delete(message(1)).await.unwrap();
    store.delete(message(1)).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn what_a_rival_began_in_its_place_is_not_taken_for_the_file() {
    let (store, folder) = store();
    let file = bytes(12_000_000);
    let begun = folder.path().join(format!("a/media/{}#1", name(message(1))));
    let mut length = 0;
    let rival = come(&file).inspect(|chunk| {
        length += chunk.as_ref().map_or(0, Bytes::len);
        // The first part is written, and the last is not.
        if length == 6_000_000 {
            fs::remove_file(&begun).unwrap();
            fs::write(&begun, b"the beginning of the rival's").unwrap();
        }
    });
    let put = store.put(message(1), rival, &Wanted::default()).await;
    assert!(matches!(put, Err(PutError::Store(MediaError::Unavailable(_)))), "{put:?}");
    let stored = store.put(message(1), come(&file), &Wanted::default()).await.unwrap();
    assert_eq!((stored.size, all(&store, message(1), 12_000_000).await), (12_000_000, file));
}

#[test]
fn cores_of_the_same_process_number_prove_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(format!("probe-{}", std::process::id()))).unwrap();
    MediaStore::open(&Place::Folder(folder.path().to_owned())).unwrap();
}

#[test]
fn a_name_tells_nothing_and_spreads() {
    let id = MessageId::new(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00fe));
    assert_eq!(name(id).as_ref(), "fe/019900000000700080000000000000fe");
}

#[test]
fn a_place_is_a_folder_that_can_be_written() {
    assert_eq!("file:/a b/c".parse(), Ok(Place::Folder("/a b/c".into())));
    for wrong in ["", "file:", "/a", "s3://bucket", "FILE:/a"] {
        assert!(wrong.parse::<Place>().is_err(), "{wrong}");
    }
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, b"").unwrap();
    let error = MediaStore::open(&Place::Folder(taken)).unwrap_err().to_string();
    assert!(error.starts_with("the folder ") && !error.contains('\n'), "{error}");
}
