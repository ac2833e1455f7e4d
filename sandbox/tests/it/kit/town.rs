//! One simulated Meta, one core, one edge: separate processes in a folder of their own.

use std::{net::SocketAddr, path::Path};

use reqwest::Method;
use sandbox::processes::{Plan, Process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Account, Answer, Meta, Phone, Recruiter, Update, meta};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_sandbox");
/// Lines of each log that a failing test shows.
const TAIL: usize = 40;

/// A running service.
pub struct Town {
    /// The platform at the other end.
    pub meta: Meta,
    plan: Plan,
    meta_process: Process,
    core: Option<Process>,
    edge: Option<Process>,
    core_address: SocketAddr,
    edge_address: SocketAddr,
    // Last: the processes end before their folder goes.
    folder: TempDir,
}

impl Town {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(Path::new(BINARY)).await
    }

    /// Starts one whose core is run by another program, such as a script around the binary.
    pub async fn start_with(core_binary: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = Plan::new(BINARY.into(), folder.path().to_owned());
        let wrapped = Plan { binary: core_binary.to_owned(), ..plan.clone() };
        let started = async {
            let meta = plan.meta().await?;
            let core = wrapped.core(meta.address(), "127.0.0.1:0").await?;
            let edge = plan.edge(core.address(), "127.0.0.1:0").await?;
            Ok::<_, sandbox::processes::ProcessError>((meta, core, edge))
        };
        let (meta_process, core, edge) = started.await.unwrap_or_else(|error| {
            show_logs(folder.path());
            panic!("{error}")
        });
        let meta = Meta::new(meta::http(), format!("http://{}", meta_process.address()));
        let (core_address, edge_address) = (core.address(), edge.address());
        meta.calls_back(&format!("http://{edge_address}/api/webhooks")).await;
        let (core, edge) = (Some(core), Some(edge));
        Self { meta, plan, meta_process, core, edge, core_address, edge_address, folder }
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
        Recruiter::new(self.meta.clone(), self.edge_address.to_string(), email, role)
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

    /// The core stamps what it changes: somebody changes something until the stamp is late enough.
    async fn core_reaches(&self, now: i64) {
        let keeper = self.recruiter("timekeeper@linkojob.test");
        let made = keeper.post("/api/clients", json!({})).await.status;
        assert!(made == 201 || made == 409, "{made}");
        let followed = tokio::time::timeout(super::PATIENCE, async {
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
        let Update { body, signature } = update;
        let request = self.at_edge(Method::POST, "/api/webhooks");
        let request = request.header("content-type", "application/json");
        let request = request.header("x-hub-signature-256", signature).body(body.clone());
        Ok(Answer::of(request.send().await?).await)
    }

    /// A request to the edge without any identity, not sent yet.
    pub fn at_edge(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.meta.http().request(method, format!("http://{}{path}", self.edge_address))
    }

    /// Where the edge listens.
    pub const fn edge_address(&self) -> SocketAddr {
        self.edge_address
    }

    // ----- crashes

    /// The core's process id.
    pub fn core_pid(&self) -> u32 {
        self.core.as_ref().and_then(Process::pid).expect("the core lives")
    }

    /// Ends the core as a crash does.
    pub async fn kill_core(&mut self) {
        self.core.take().expect("the core lives").kill().await.expect("SIGKILL");
    }

    /// Ends the core as an operator does; true when it drained in time and in peace.
    pub async fn stop_core(&mut self) -> bool {
        self.core.take().expect("the core lives").terminate().await.expect("it ends in time")
    }

    /// Starts the core again, at the same address and on the same folder.
    pub async fn restart_core(&mut self) {
        let (meta, listen) = (self.meta_process.address(), self.core_address.to_string());
        self.core = Some(self.plan.core(meta, &listen).await.expect("the core starts again"));
        self.ready().await;
    }

    /// Ends the edge as a crash does.
    pub async fn kill_edge(&mut self) {
        self.edge.take().expect("the edge lives").kill().await.expect("SIGKILL");
    }

    /// Starts the edge again, at the same address.
    pub async fn restart_edge(&mut self) {
        let listen = self.edge_address.to_string();
        let edge = self.plan.edge(self.core_address, &listen).await;
        self.edge = Some(edge.expect("the edge starts again"));
        self.ready().await;
    }

    /// Waits until the edge says that it serves.
    pub async fn ready(&self) {
        let mut pause = tokio::time::interval(std::time::Duration::from_millis(20));
        let ready = tokio::time::timeout(super::PATIENCE, async {
            loop {
                pause.tick().await;
                let answer = self.at_edge(Method::GET, "/health/ready").send().await;
                if answer.is_ok_and(|answer| answer.status() == 200) {
                    return;
                }
            }
        });
        ready.await.expect("the edge serves in time");
    }

    /// Everything that the core and the edge have logged.
    pub fn logs(&self) -> String {
        let read = |name| std::fs::read_to_string(self.folder.path().join(name));
        format!("{}{}", read("core.log").expect("a log"), read("edge.log").expect("a log"))
    }

    /// Texts that candidates wrote, by hand, in one delivery. Their wamids are their texts.
    pub async fn arrive(&self, account: &Account, texts: &[(&str, &str)]) {
        let second = self.meta.now_ms().await / 1000;
        let messages: Vec<Value> = texts
            .iter()
            .map(|(from, text)| super::inbound(from, &wamid(text), second, text))
            .collect();
        let body = super::body(&[(account, json!({"messages": messages}))]);
        self.deliver(&Update::of(&body)).await.is(200);
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if std::thread::panicking() {
            show_logs(self.folder.path());
        }
    }
}

/// The id of a text that arrived by hand.
fn wamid(text: &str) -> String {
    format!("wamid.{}", text.replace(' ', "-"))
}

fn show_logs(folder: &Path) {
    for name in ["meta", "core", "edge"] {
        let log = std::fs::read_to_string(folder.join(format!("{name}.log"))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(TAIL)..];
        eprintln!("----- the end of {name}.log\n{}", tail.join("\n"));
    }
}
