//! Everything that a town keeps, byte by byte: what somebody who steals it would have.
//!
//! Every town is looked through when it ends, whatever its story was about.

use std::{fs, path::Path};

use futures_util::TryStreamExt as _;
use mongodb::{Client, bson::RawDocumentBuf};

use super::Town;

/// A file or a collection, and what is in it.
pub type Place = (String, Vec<u8>);

impl Town {
    /// Every file of the embedded store or every collection of the database, and every log of ours.
    pub async fn keeps(&self) -> Vec<Place> {
        let mut places = Vec::new();
        files(self.folder.path(), &mut places);
        if let Some(database) = &self.database {
            let client = Client::with_uri_str(database.uri()).await.expect("the server");
            let database = client.database(database.name());
            for name in database.list_collection_names().await.expect("collections") {
                let rows = database.collection::<RawDocumentBuf>(&name);
                let all = rows.find(mongodb::bson::doc! {}).await.expect("rows");
                let rows: Vec<RawDocumentBuf> = all.try_collect().await.expect("rows");
                places.push((name, rows.iter().flat_map(|row| row.as_bytes().to_vec()).collect()));
            }
        }
        places
    }
}

fn files(folder: &Path, places: &mut Vec<Place>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, places);
        } else {
            // The simulated Meta knows everything. A file may go while somebody looks.
            let known = path.ends_with("meta.log");
            let read = fs::read(&path).ok().filter(|_| !known);
            places.extend(read.map(|bytes| (path.display().to_string(), bytes)));
        }
    }
}

/// The places where a text stands.
pub fn places_of(text: &str, places: &[Place]) -> Vec<String> {
    let stands = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    places.iter().filter(|(_, bytes)| stands(bytes)).map(|(name, _)| name.clone()).collect()
}

/// The files in a folder that have one of these secrets in them, or any token of the simulated Meta.
pub(super) fn leaks(folder: &Path, secrets: &[String]) -> Vec<String> {
    let mut places = Vec::new();
    files(folder, &mut places);
    let leaks = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        has_token(&text) || secrets.iter().any(|secret| text.contains(secret.as_str()))
    };
    places.iter().filter(|(_, bytes)| leaks(bytes)).map(|(name, _)| name.clone()).collect()
}

/// Meta's tokens begin with `EAA`; the simulated ones go on with 64 hexadecimal digits.
fn has_token(text: &str) -> bool {
    let is_token =
        |rest: &str| rest.len() >= 64 && rest.bytes().take(64).all(|byte| byte.is_ascii_hexdigit());
    text.match_indices("EAA").any(|(at, found)| is_token(&text[at + found.len()..]))
}
