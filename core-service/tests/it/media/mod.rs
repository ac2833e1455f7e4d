//! Files that come in, from Meta's word of them to their bytes, through everything that goes wrong.

mod faults;
mod meta;
mod serving;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use core_service::{
    config::Retention,
    domain::{
        content::{Content, Media, MediaState},
        event::{News, Position},
        fetch::Fetch,
        ids::PhoneNumberId,
        message::Message,
        time::Timestamp,
    },
    flows::Core,
    lanes,
    media::{MediaStore, Place},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::meta::{Meta, hex};
use crate::{
    faulty::{self, Faulty},
    kit,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Long enough for anything that happens at all.
const LONG: Duration = Duration::from_secs(30);
/// A picture, as far as anybody looks.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF and so on";

/// A core at work, with a media store in a folder.
struct Office {
    core: Arc<Core>,
    store: Arc<Faulty>,
    meta: Meta,
    folder: TempDir,
    stop: CancellationToken,
    loops: TaskTracker,
}

impl Office {
    /// With this file at Meta.
    async fn open(file: &[u8]) -> Self {
        let (store, folder) = (faulty::store(), tempfile::tempdir().unwrap());
        let meta = Meta::start(file).await;
        let core = core(&store, &folder, &meta);
        faulty::connect(&core).await;
        let (stop, loops) = begin(&core);
        Self { core, store, meta, folder, stop, loops }
    }

    /// The process ends, and another one begins on what it left.
    async fn restart(&mut self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.loops.wait()).await.expect("the loops do not end");
        self.core = core(&self.store, &self.folder, &self.meta);
        (self.stop, self.loops) = begin(&self.core);
    }

    /// A candidate sends a file, of which Meta says this.
    async fn comes(&self, name: &str, mime_type: &str, sha256: Option<&str>) {
        let image = json!({"id": "1037", "mime_type": mime_type, "sha256": sha256});
        self.deliver(&kit::number(), &[name.to_owned()], &image).await;
    }

    /// A candidate sends this picture to a number in so many messages.
    async fn deliver(&self, number: &PhoneNumberId, names: &[String], image: &Value) {
        let now = (self.core.clock.now().as_millis() / 1000).to_string();
        let message = |name: &String| {
            json!({"from": "4915112345678", "id": format!("wamid.{name}"), "type": "image",
                   "timestamp": now, "image": image})
        };
        let messages: Vec<Value> = names.iter().map(message).collect();
        let value = json!({"messaging_product": "whatsapp", "messages": messages,
            "metadata": {"display_phone_number": "1", "phone_number_id": number.as_str()}});
        let changes = json!([{"field": "messages", "value": value}]);
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]});
        assert!(!self.core.accept(body.to_string().into()).await.unwrap());
    }

    /// The newest message that the log tells of.
    async fn message(&self) -> Option<Message> {
        let told = self.told().await;
        let message = told.into_iter().rev().find_map(|news| match news {
            News::MessageIncoming { message, .. } | News::MessageUpdated { message, .. } => {
                Some(message.id)
            }
            _ => None,
        });
        self.core.store.message(message?).await.unwrap()
    }

    async fn told(&self) -> Vec<News> {
        let log = self.core.store.events(&kit::owner(), Position(0), 100).await.unwrap();
        log.into_iter().map(|entry| entry.event.news).collect()
    }

    /// Waits until the message is so.
    async fn until(&self, is: impl Fn(&Message) -> bool) -> Message {
        let seen = async {
            loop {
                if let Some(message) = self.message().await.filter(&is) {
                    return message;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LONG, seen).await.expect("it never comes")
    }

    async fn until_state(&self, state: MediaState) -> Message {
        self.until(|message| media(message).state == state).await
    }

    /// Waits until so many tries failed.
    async fn until_tries(&self, count: u32) -> Fetch {
        let tried =
            |message: &Message| message.fetch.as_ref().is_some_and(|fetch| fetch.attempts >= count);
        self.until(tried).await.fetch.map(|fetch| *fetch).unwrap()
    }

    /// Lets business time pass until the next try.
    fn pass_to(&self, due: Timestamp) {
        let left = due.since(self.core.clock.now());
        self.pass(left);
    }

    fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.core.clock.set_offset_millis(self.core.clock.offset_millis() + millis);
    }

    /// Every file in the media store's folder.
    fn files(&self) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![self.folder.path().to_owned()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let into = if path.is_dir() { &mut folders } else { &mut files };
                into.push(path);
            }
        }
        files
    }

    async fn close(self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.loops.wait()).await.expect("the loops do not end");
    }
}

fn core(store: &Arc<Faulty>, folder: &TempDir, meta: &Meta) -> Arc<Core> {
    let media = MediaStore::open(&Place::Folder(folder.path().to_owned())).unwrap();
    faulty::over_both(store, &media, &meta.url)
}

fn begin(core: &Arc<Core>) -> (CancellationToken, TaskTracker) {
    let stop = CancellationToken::new();
    let loops = lanes::start(core, Retention { events: DAY, journal: DAY }, &stop);
    (stop, loops)
}

fn media(message: &Message) -> &Media {
    let Content::Media(media) = &message.content else { panic!("{message:?}") };
    media
}

#[tokio::test]
async fn a_file_is_fetched_checked_and_told() {
    let office = Office::open(JPEG).await;
    office.comes("a", "image/jpeg", Some(&hex(JPEG))).await;
    let message = office.until_state(MediaState::Stored).await;
    let Media { size, sha256, .. } = media(&message);
    assert_eq!((*size, sha256.as_ref()), (i64::try_from(JPEG.len()).ok(), Some(&hex(JPEG))));
    assert_eq!((&message.fetch, office.meta.asked()), (&None, [1, 1]));
    let told = office.told().await;
    let [
        News::MessageIncoming { message: first, .. },
        News::MessageUpdated { conversation, message: then },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((media(first).state, media(then).state), (MediaState::Pending, MediaState::Stored));
    assert!(then.revision > first.revision && conversation.id == message.conversation_id);
    let files = office.files();
    assert_eq!(fs::read(&files[0]).unwrap(), JPEG);
    assert_eq!(files.len(), 1);
    office.close().await;
}

#[tokio::test]
async fn a_file_without_a_digest_in_the_webhook_is_checked_by_what_meta_says_later() {
    let office = Office::open(JPEG).await;
    office.meta.downloads_first([meta::Play::Bytes(b"other")]);
    office.comes("a", "image/jpeg", None).await;
    let fetch = office.until_tries(1).await;
    assert_eq!(fetch.last_error.as_deref(), Some("it has the wrong digest"));
    office.pass_to(fetch.due_at.unwrap());
    office.until_state(MediaState::Stored).await;
    office.close().await;
}
