//! Sending on what is remembered: what it costs, and what happens when it is no longer so.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use core_service::{
    config::Retention,
    domain::{
        actor::{Actor, Scope},
        change::{Batch, Orphan, Write},
        client::{Client, ClientStatus},
        content::Text,
        conversation::Conversation,
        fact::{Fact, What},
        identity::PhoneNumber,
        ids::{MessageId, PhoneNumberId},
        message::Message,
        page::ConversationQuery,
        refusal::Refusal,
        rules::send::{Body, Target},
        status::{Status, Step},
    },
    flows::{
        Core, Error,
        send::{SendOrder, Sent},
    },
    lanes,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    faulty::{self, Faulty},
    graph::Graph,
    kit::{NOON, inbound, number, owner, wamid},
};

const LONG: Duration = Duration::from_secs(20);
/// Long enough ago that the conversation ends with what is sent now.
const EARLIER: Duration = Duration::from_secs(5);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEPT: Retention = Retention { events: DAY, journal: DAY };

/// A core that sends, with an open window and one text sent.
pub struct Desk {
    pub core: Arc<Core>,
    pub store: Arc<Faulty>,
    pub graph: Graph,
    stop: CancellationToken,
    lanes: TaskTracker,
}

impl Desk {
    pub async fn open() -> Self {
        let graph = Graph::start().await;
        let (core, store) = faulty::core_at(&graph.url).await;
        let client = core.client_of(&owner()).await.unwrap();
        let what = What::Inbound(Box::new(inbound("a", core.clock.now() - EARLIER)));
        let fact = Fact { phone_number_id: number(), what };
        core.apply(&client, &[fact], Vec::new()).await.unwrap();
        let stop = CancellationToken::new();
        let lanes = lanes::start(&core, KEPT, &stop);
        let desk = Self { core, store, graph, stop, lanes };
        assert_eq!(status(&send(&desk.core).await.unwrap()), Status::Accepted);
        desk
    }

    /// Somebody else writes this right before a message is brought into a phase.
    fn rival(&self, phase: Status, write: Write) {
        let mut write = Some(write);
        *self.store.rival.lock().unwrap() = Box::new(move |batch| {
            if brings(batch, phase) { write.take().into_iter().collect() } else { Vec::new() }
        });
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.lanes.wait().await;
    }
}

fn actor() -> Actor {
    Actor { by: owner().to_string(), owner: owner() }
}

pub async fn send(core: &Arc<Core>) -> Result<Sent, Error> {
    send_as(core, None).await
}

async fn send_as(core: &Arc<Core>, message: Option<MessageId>) -> Result<Sent, Error> {
    let order = SendOrder {
        message,
        target: Target::To(PhoneNumber::from_digits("4915112345678").unwrap()),
        body: Body::Text(Text { text: "hello".into(), preview_url: false }),
        reply_to: None,
        idempotency: None,
    };
    core.send(&actor(), order, LONG).await
}

pub fn status(sent: &Sent) -> Status {
    sent.message.life.status()
}

/// True for a batch that brings a message into this phase.
fn brings(batch: &Batch, phase: Status) -> bool {
    let into = |row: &Message| row.life.phase() == phase;
    batch.writes.iter().any(|write| matches!(write, Write::Message(row) if into(row)))
}

/// The conversation, changed by somebody else: later than whatever we make of it.
async fn changed_conversation(core: &Core, change: impl FnOnce(&mut Conversation)) -> Write {
    let query = ConversationQuery {
        scope: Scope::Owner(owner()),
        shown: None,
        unread: false,
        words: Vec::new(),
        after: None,
        limit: 1,
    };
    let mut row = core.list_conversations(query).await.unwrap().rows.pop().unwrap();
    row.revision += 100;
    change(&mut row);
    Write::Conversation(Box::new(row))
}

async fn changed_client(core: &Core, change: impl FnOnce(&mut Client)) -> Write {
    let mut row = core.client_of(&owner()).await.unwrap();
    row.revision += 1;
    change(&mut row);
    Write::Client(Box::new(row))
}

#[tokio::test]
async fn a_send_is_one_load_and_two_commits() {
    const SENDS: usize = 20;
    let desk = Desk::open().await;
    let cost = || {
        let [loads, messages] = desk.store.counts.reads();
        [loads, messages, desk.store.commits.load(Ordering::Relaxed)]
    };
    let (began, outbox) = (tokio::time::Instant::now(), desk.store.counts.of_outbox());
    let mut lean = 0;
    for _ in 0..SENDS {
        let before = cost();
        assert_eq!(status(&send(&desk.core).await.unwrap()), Status::Accepted);
        let after = cost();
        lean += usize::from([0, 1, 2].map(|n| after[n] - before[n]) == [1, 0, 2]);
    }
    // On a busy machine the place of the one before may not be free yet.
    assert!(lean >= SENDS - 2, "{lean} of {SENDS}");
    let [looks, next_dues] = [0, 1].map(|n| desk.store.counts.of_outbox()[n] - outbox[n]);
    let millis = usize::try_from(began.elapsed().as_millis()).unwrap();
    assert!(looks <= millis / 25 + 2, "{looks} looks at the outbox in {millis} ms");
    assert!(next_dues <= millis / 1_000 + 1, "{next_dues} questions in {millis} ms");
    desk.close().await;
}

#[tokio::test]
async fn a_client_that_changed_elsewhere_is_looked_up_again() {
    let desk = Desk::open().await;
    let gone = changed_client(&desk.core, |row| row.status = ClientStatus::Disconnected).await;
    faulty::commit(&desk.core, vec![gone]).await;
    let refused = send(&desk.core).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::ClientNotConnected))), "{refused:?}");

    let back = changed_client(&desk.core, |row| row.status = ClientStatus::Connected).await;
    faulty::commit(&desk.core, vec![back]).await;
    assert_eq!(status(&send(&desk.core).await.unwrap()), Status::Accepted);

    // Another number: what was said under the first one opens no window.
    let moved = changed_client(&desk.core, |row| {
        row.connection.as_mut().unwrap().phone_number_id = PhoneNumberId::parse("9").unwrap();
    });
    faulty::commit(&desk.core, vec![moved.await]).await;
    let refused = send(&desk.core).await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::WindowClosed { message: None }))),
        "{refused:?}"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_client_that_is_disconnected_before_the_taking_up_sends_nothing() {
    let desk = Desk::open().await;
    let asked = desk.graph.asked();
    let gone = changed_client(&desk.core, |row| row.status = ClientStatus::Disconnected).await;
    desk.rival(Status::Sending, gone);
    // Recorded by a core that has not the lane, so it is taken up later.
    let refused = send(&faulty::over(&desk.store, &desk.graph.url)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::ClientNotConnected))), "{refused:?}");
    assert_eq!(desk.graph.asked(), asked);
    desk.close().await;
}

#[tokio::test]
async fn a_window_that_closed_before_the_taking_up_ends_the_message() {
    let desk = Desk::open().await;
    let asked = desk.graph.asked();
    let long_ago = desk.core.clock.now() - 2 * DAY;
    let closed = changed_conversation(&desk.core, |row| row.last_inbound_at = Some(long_ago)).await;
    desk.rival(Status::Sending, closed);
    // Recorded by a core that has not the lane, so it is taken up later.
    let refused = send(&faulty::over(&desk.store, &desk.graph.url)).await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::WindowClosed { message: Some(_) }))),
        "{refused:?}"
    );
    assert_eq!(desk.graph.asked(), asked);
    desk.close().await;
}

#[tokio::test]
async fn what_moved_the_conversation_meanwhile_is_kept() {
    for phase in [Status::Sending, Status::Accepted] {
        let desk = Desk::open().await;
        let asked = desk.graph.asked();
        let moved = changed_conversation(&desk.core, |row| row.unread_count = 8).await;
        desk.rival(phase, moved);
        let sent = send(&desk.core).await.unwrap();
        assert_eq!(status(&sent), Status::Accepted, "{phase:?}");
        let id = sent.message.conversation_id;
        let row = desk.core.store.conversation(id).await.unwrap().unwrap();
        assert_eq!((row.unread_count, desk.graph.asked()), (8, asked + 1), "{phase:?}");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_status_that_was_parked_before_the_answer_is_taken_along() {
    let desk = Desk::open().await;
    let parked = Orphan {
        wamid: wamid(&format!("graph-{}", desk.graph.asked() + 1)),
        steps: vec![Step { status: Status::Delivered, at: NOON, error: None }],
        ..Orphan::new(number(), wamid("any"), NOON)
    };
    desk.rival(Status::Accepted, Write::Orphan(Box::new(parked)));
    assert_eq!(status(&send(&desk.core).await.unwrap()), Status::Delivered);
    desk.close().await;
}

#[tokio::test]
async fn a_core_that_has_not_the_lane_answers_as_soon_as_the_other_has_sent() {
    let desk = Desk::open().await;
    let other = faulty::over(&desk.store, &desk.graph.url);
    for _ in 0..3 {
        let began = tokio::time::Instant::now();
        assert_eq!(status(&send(&other).await.unwrap()), Status::Accepted);
        // The look that does without hints comes after a second.
        assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    }
    desk.close().await;
}

#[tokio::test]
async fn the_same_call_that_comes_to_another_core_waits_and_is_answered_like_the_first() {
    let desk = Desk::open().await;
    let other = faulty::over(&desk.store, &desk.graph.url);
    let before = desk.graph.asked();
    let id = other.ids.message(other.clock.now());
    let call = |core| send_as(core, Some(id));
    let (first, second) = tokio::join!(call(&desk.core), call(&other));
    for sent in [first.unwrap(), second.unwrap(), call(&other).await.unwrap()] {
        assert_eq!((sent.message.id, status(&sent)), (id, Status::Accepted));
        assert!(!sent.replayed, "no earlier request made it");
    }
    assert_eq!(desk.graph.asked() - before, 1);
    desk.close().await;
}

#[tokio::test]
async fn a_message_that_was_put_back_goes_when_it_is_due() {
    let graph = Graph::start().await;
    let desk = Desk::open().await;
    let store = Arc::clone(&desk.store);
    desk.close().await;
    // Nobody listens where this one believes Meta to be.
    let deaf = faulty::over(&store, "http://127.0.0.1:9");
    let (stop, caller) = (CancellationToken::new(), Arc::clone(&deaf));
    let tasks = lanes::start(&deaf, KEPT, &stop);
    let caller = tokio::spawn(async move { send(&caller).await });
    until(async || {
        let next = deaf.store.next_due(&[owner().lane()]).await.unwrap();
        next.is_some_and(|due| due > deaf.clock.now())
    })
    .await;
    stop.cancel();
    tasks.wait().await;
    caller.abort();

    // The next process finds it, and moving the clock makes it due.
    let core = faulty::over(&store, &graph.url);
    let stop = CancellationToken::new();
    let tasks = lanes::start(&core, KEPT, &stop);
    core.clock.set_offset_millis(60_000);
    until(async || graph.asked() == 1).await;
    stop.cancel();
    tasks.wait().await;
}

pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let looks = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, looks).await.unwrap();
}
