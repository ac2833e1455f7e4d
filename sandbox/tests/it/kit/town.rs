//! One simulated Meta, cores and edges: separate processes in a folder of their own.

use std::{net::SocketAddr, path::Path, time::Duration};

use dev_mongod::Database;
use reqwest::Method;
use sandbox::processes::Process;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Account, Answer, Builder, House, Meta, PATIENCE, Phone, Recruiter, Store, Update, meta,
};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_sandbox");
/// The database of a town that has a replica set of its own.
pub const DATABASE: &str = "town";
/// Lines of each log that a failing test shows.
const TAIL: usize = 40;

/// Long enough for a core to apply a text and for an edge to go around a halted one; shorter than a
/// lease.
const PROBE: Duration = Duration::from_secs(6);

/// A running service.
pub struct Town {
    /// The platform at the other end.
    pub meta: Meta,
    /// The cores; most towns have one.
    pub cores: Vec<House>,
    /// The edges; most towns have one.
    pub edges: Vec<House>,
    /// What the cores and edges were given to keep to themselves.
    pub secrets: Vec<String>,
    pub(super) _meta_process: Process,
    // Last: the processes end before their data goes.
    pub(super) database: Option<Database>,
    pub(super) folder: TempDir,
}

impl Town {
    /// Starts one with one core and one edge.
    pub async fn start(store: Store) -> Self {
        Self::on(store).start().await
    }

    /// Plans one.
    pub fn on(store: Store) -> Builder {
        Builder::on(store)
    }

    // ----- people

    /// Somebody of a company.
    pub fn recruiter(&self, email: &str) -> Recruiter {
        self.person(email, "MANAGER")
    }

    /// Somebody of a company, with an account at Meta that is connected.
    pub async fn connected(&self, email: &str) -> Recruiter {
        let mut recruiter = self.recruiter(email);
        recruiter.connect().await;
        recruiter
    }

    /// Somebody with this role.
    pub fn person(&self, email: &str, role: &'static str) -> Recruiter {
        Recruiter::new(self.meta.clone(), self.edge_address().to_string(), email, role)
    }

    /// The phone of this number.
    pub fn phone(&self, number: &str) -> Phone {
        Phone::new(self.meta.clone(), number)
    }

    // ----- time

    /// Moves business time forward, and waits until the core has followed.
    pub async fn clock(&self, span: &str) {
        let now = self.meta.advance(json!({"advance": span})).await;
        self.core_reaches(now).await;
    }

    /// Moves business time forward by milliseconds, and waits until the core has followed.
    pub async fn clock_ms(&self, ms: i64) {
        let now = self.meta.advance(json!({"advanceMs": ms})).await;
        self.core_reaches(now).await;
    }

    /// A core stamps what it changes: somebody changes something until the stamp is late enough.
    async fn core_reaches(&self, now: i64) {
        assert_eq!(self.cores.len(), 1, "it can be seen of one core only");
        let keeper = self.recruiter("timekeeper@linkojob.test");
        let made = keeper.post("/api/clients", json!({})).await.status;
        assert!(made == 201 || made == 409, "{made}");
        let followed = tokio::time::timeout(PATIENCE, async {
            for tick in 0_u64.. {
                let body = json!({"label": format!("tick {tick}")});
                let client = keeper.put("/api/clients/me", body).await.is(200);
                let stamp = client["updatedAt"].as_str().expect("a time");
                if meta::millis(stamp) >= now {
                    break;
                }
            }
        });
        followed.await.expect("the core follows the clock");
    }

    // ----- webhooks by hand

    /// Posts a webhook to the edge as Meta would.
    pub async fn deliver(&self, update: &Update) -> Answer {
        self.try_deliver(update).await.expect("the edge answers")
    }

    /// Posts a webhook to the edge, which may not be there.
    pub async fn try_deliver(&self, update: &Update) -> reqwest::Result<Answer> {
        self.try_deliver_at(0, update).await
    }

    /// Posts a webhook to the edge of this number.
    pub async fn deliver_at(&self, edge: usize, update: &Update) -> Answer {
        self.try_deliver_at(edge, update).await.expect("the edge answers")
    }

    async fn try_deliver_at(&self, edge: usize, update: &Update) -> reqwest::Result<Answer> {
        let Update { body, signature } = update;
        let request = self.at(edge, Method::POST, "/api/webhooks");
        let request = request.header("content-type", "application/json");
        let request = request.header("x-hub-signature-256", signature).body(body.clone());
        Ok(Answer::of(request.send().await?).await)
    }

    /// A request to the edge without any identity, not sent yet.
    pub fn at_edge(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.at(0, method, path)
    }

    fn at(&self, edge: usize, method: Method, path: &str) -> reqwest::RequestBuilder {
        let address = self.edges[edge].address();
        self.meta.http().request(method, format!("http://{address}{path}"))
    }

    /// Where the edge listens.
    pub fn edge_address(&self) -> SocketAddr {
        self.edges[0].address()
    }

    // ----- files

    /// The files in the media store's folder, begun ones too.
    pub fn media_files(&self) -> Vec<String> {
        let (mut folders, mut files) = (vec![self.folder.path().join("core/media")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path.display().to_string()),
                }
            }
        }
        files
    }

    // ----- crashes

    /// Ends the core as a crash does.
    pub async fn kill_core(&mut self) {
        self.cores[0].kill().await;
    }

    /// Starts the core again, at the same address and on the same store.
    pub async fn restart_core(&mut self) {
        self.cores[0].start().await;
        self.ready().await;
    }

    /// The number of the core, out of two, that does an owner's work: it is the first one exactly when
    /// that work rests while the first one is halted, too shortly for the other one to take it over.
    /// Asked through the last edge, as the first one may know the first core only.
    pub async fn core_of(&self, recruiter: &Recruiter) -> usize {
        let text = "who does the work?";
        let last = self.edges.len() - 1;
        let recruiter = recruiter.through(&self.edges[last]);
        let applied = async || {
            while recruiter.conversations("?limit=1").await["data"][0]["lastMessage"]["preview"]
                != text
            {}
        };
        self.cores[0].halt().await;
        self.arrive_at(last, recruiter.account(), &[("4915999999999", text)]).await;
        let by_the_second = tokio::time::timeout(PROBE, applied()).await.is_ok();
        self.cores[0].go_on().await;
        self.ready().await;
        // Whoever listens from now on does not hear of it.
        tokio::time::timeout(PATIENCE, applied()).await.expect("somebody does the work");
        usize::from(by_the_second)
    }

    /// Waits until every edge says that it serves, and serves with every core that it knows.
    pub async fn ready(&self) {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        for edge in 0..self.edges.len() {
            let ready = tokio::time::timeout(PATIENCE, async {
                while !self.all_serve(edge).await {
                    pause.tick().await;
                }
            });
            ready.await.expect("the edge serves in time");
        }
    }

    async fn all_serve(&self, edge: usize) -> bool {
        let request = self.at(edge, Method::GET, "/supervision/health");
        let request = request.header("email", "operator@linkojob.test").header("role", "ADMIN");
        let Ok(answer) = request.send().await else { return false };
        let health = Answer::of(answer).await.is(200);
        let cores = health["cores"].as_array().expect("cores");
        cores.iter().all(|core| core["state"] == "serving")
    }

    /// Everything that the cores and the edges have logged.
    pub fn logs(&self) -> String {
        let read = |house: &House| {
            let path = self.folder.path().join(format!("{}.log", house.name));
            std::fs::read_to_string(path).expect("a log")
        };
        self.cores.iter().chain(&self.edges).map(read).collect()
    }

    /// Texts that candidates wrote, by hand, in one delivery. Their wamids are their texts.
    pub async fn arrive(&self, account: &Account, texts: &[(&str, &str)]) {
        self.arrive_at(0, account, texts).await;
    }

    async fn arrive_at(&self, edge: usize, account: &Account, texts: &[(&str, &str)]) {
        let second = self.meta.now_ms().await / 1000;
        let messages: Vec<Value> = texts
            .iter()
            .map(|(from, text)| super::inbound(from, &wamid(text), second, text))
            .collect();
        let body = super::body(&[(account, json!({"messages": messages}))]);
        self.deliver_at(edge, &Update::of(&body)).await.is(200);
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if std::thread::panicking() {
            show_logs(self.folder.path());
            return;
        }
        let leaks = super::kept::leaks(self.folder.path(), &self.secrets);
        assert!(leaks.is_empty(), "a secret in the clear: {leaks:?}");
    }
}

/// The id of a text that arrived by hand.
fn wamid(text: &str) -> String {
    format!("wamid.{}", text.replace(' ', "-"))
}

/// Shows how every log in a folder ends.
pub(super) fn show_logs(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "log")) {
        let log = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(TAIL)..];
        eprintln!("----- the end of {}\n{}", path.display(), tail.join("\n"));
    }
}
