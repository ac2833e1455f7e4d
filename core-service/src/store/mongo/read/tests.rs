//! What only reads of several collections can get wrong.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::tests::fresh;
use crate::{
    domain::{client::Client, conversation::Conversation, message::Message},
    store::{
        Footprint,
        conformance::samples::{Desk, Fill, wamid},
    },
};

/// Rows of three collections that every batch moves together.
struct Trio {
    desk: Desk,
    client: Client,
    conversation: Conversation,
    message: Message,
}

impl Trio {
    fn new() -> Self {
        let desk = Desk::new();
        let (client, conversation) = (desk.client(), desk.conversation(1));
        let mut message = desk.inbound(&conversation, 1);
        message.wamid = Some(wamid("A"));
        Self { desk, client, conversation, message }
    }

    fn batch(&mut self, revision: u64) -> crate::domain::change::Batch {
        self.client.revision = revision;
        self.conversation.revision = revision;
        self.message.revision = revision;
        self.desk.batch().put(&self.client).put(&self.conversation).put(&self.message)
    }

    /// One query for all, and one after another: the conversation follows from the message.
    fn footprints(&self) -> [Footprint; 3] {
        let number = self.desk.number.clone();
        let by_message = Footprint { messages: vec![self.message.id], ..Footprint::default() };
        let by_wamid = Footprint {
            live_client: true,
            wamids: vec![(number, wamid("A"))],
            ..Footprint::default()
        };
        let all = Footprint { conversations: vec![self.conversation.id], ..by_wamid.clone() };
        [by_message, by_wamid, all]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_at_several_collections_sees_one_state() {
    const BATCHES: u64 = 150;
    let fixture = fresh().await;
    let (store, mut trio) = (&fixture.store, Trio::new());
    let (owner, footprints) = (trio.desk.owner.clone(), trio.footprints());
    store.commit(trio.batch(1)).await.unwrap();
    let done = AtomicBool::new(false);
    let write = async {
        for revision in 2..=BATCHES {
            store.commit(trio.batch(revision)).await.unwrap();
        }
        done.store(true, Ordering::Release);
    };
    let read = async {
        let mut looks = 0;
        while !done.load(Ordering::Acquire) {
            for footprint in &footprints {
                let rows = store.load(&owner, footprint.clone()).await.unwrap();
                let seen = rows.messages[0].revision;
                assert_eq!(rows.conversations.len(), 1);
                assert_eq!(rows.conversations[0].revision, seen, "{footprint:?}");
                assert!(rows.clients.iter().all(|row| row.revision == seen), "{footprint:?}");
                looks += 1;
            }
        }
        looks
    };
    let ((), looks) = tokio::join!(write, read);
    assert!(looks > 50, "only {looks} looks while rows changed");
}
