//! Webhooks and sends of one owner, many at once and through every edge in turn, while something
//! happens to the service.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, future::join_all, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{PATIENCE, Recruiter, Socket, Town, Update, body, inbound, pace::Pace};

const CANDIDATES: usize = 40;
const AT_ONCE: usize = 32;
/// How long a caller rests who was turned away.
const REST: Duration = Duration::from_millis(200);

/// The traffic of one owner.
pub struct Load<'a> {
    town: &'a Town,
    recruiter: &'a Recruiter,
    second: i64,
    done: watch::Sender<usize>,
    turned_away: AtomicUsize,
    /// When deliveries were acknowledged.
    pub webhooks: Pace,
    /// When sends were.
    pub sends: Pace,
}

/// What is asked: a text that arrives, or one that is sent.
#[derive(Clone, Copy)]
enum Job {
    Webhook(usize),
    Send(usize),
}

impl<'a> Load<'a> {
    /// Opens the windows of all candidates; the socket has heard that.
    pub async fn on(town: &'a Town, recruiter: &'a Recruiter, socket: &mut Socket) -> Self {
        town.meta.settings(json!({"limits": "off"})).await;
        let second = town.meta.now_ms().await / 1000;
        let hello = |n| {
            let phone = town.phone(&candidate(n));
            async move { phone.writes(recruiter.account(), "hello").await }
        };
        join_all((0..CANDIDATES).map(hello)).await;
        super::audit::each_arrives_once(socket, CANDIDATES).await;
        let (done, turned_away) = (watch::Sender::new(0), AtomicUsize::new(0));
        let (webhooks, sends) = (Pace::default(), Pace::default());
        Self { town, recruiter, second, done, turned_away, webhooks, sends }
    }

    /// How many texts arrived before the first job.
    pub const fn greetings() -> usize {
        CANDIDATES
    }

    /// Delivers and sends, many at once, each until it is acknowledged, as Meta and a careful client do.
    /// Gives what was promised: the texts that were sent and the ids of their messages.
    pub async fn run(
        &self,
        webhooks: Range<usize>,
        sends: Range<usize>,
    ) -> BTreeMap<String, String> {
        let every = (webhooks.len() / sends.len().max(1)).max(1);
        let mut jobs: Vec<Job> = webhooks.map(Job::Webhook).collect();
        for (place, send) in sends.enumerate() {
            jobs.insert((place * (every + 1)).min(jobs.len()), Job::Send(send));
        }
        let answers = stream::iter(jobs).map(async |job| {
            let promised = match job {
                Job::Webhook(n) => {
                    self.webhook(n).await;
                    self.webhooks.acknowledged();
                    None
                }
                Job::Send(n) => {
                    let promised = self.send(n).await;
                    self.sends.acknowledged();
                    Some(promised)
                }
            };
            self.done.send_modify(|done| *done += 1);
            promised
        });
        answers.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    /// Waits until so many jobs have been acknowledged.
    pub async fn done(&self, count: usize) {
        let mut done = self.done.subscribe();
        let waited = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= count));
        waited.await.expect("the traffic flows").expect("the load lives");
    }

    /// How often Meta was turned away with a delivery, and came again.
    pub fn turned_away(&self) -> usize {
        self.turned_away.load(Ordering::Relaxed)
    }

    async fn webhook(&self, n: usize) {
        let account = self.recruiter.account();
        let wamid = format!("wamid.load.{}.{n}", account.phone_number_id);
        let message = inbound(&candidate(n), &wamid, self.second, &format!("text {n}"));
        let update = body(&[(account, json!({"messages": [message]}))]);
        let update = Update::of(&update);
        loop {
            let answer = self.town.deliver_at(n % self.town.edges.len(), &update).await;
            if answer.status == 200 {
                return;
            }
            answer.is_unavailable();
            self.turned_away.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(REST).await;
        }
    }

    async fn send(&self, n: usize) -> (String, String) {
        let text = format!("send {n}");
        let body = json!({"to": format!("+{}", candidate(n)), "text": text});
        let recruiter = self.recruiter.through(&self.town.edges[n % self.town.edges.len()]);
        loop {
            let answer =
                recruiter.post_once(&format!("key-{n}"), "/api/messages/text", &body).await;
            match answer.status {
                200..=202 => return (text, id(&answer.json())),
                502..=504 => tokio::time::sleep(REST).await,
                _ => panic!("{}: {}", answer.status, answer.text),
            }
        }
    }
}

fn candidate(n: usize) -> String {
    format!("4915300000{:03}", n % CANDIDATES)
}

fn id(message: &Value) -> String {
    message["id"].as_str().expect("an id").to_owned()
}
