//! One core or edge of a town: a process at an address that stays the same.

use std::net::SocketAddr;

use sandbox::processes::{Plan, Process, ProcessError};

/// A process that can be ended, halted, and started again at the same address.
#[derive(Debug)]
pub struct House {
    /// The name of its log.
    pub(super) name: String,
    plan: Plan,
    role: Role,
    address: SocketAddr,
    process: Option<Process>,
}

#[derive(Debug)]
enum Role {
    Core { meta: SocketAddr },
    Edge { cores: Vec<SocketAddr> },
}

impl Role {
    async fn start(&self, name: &str, plan: &Plan, at: &str) -> Result<Process, ProcessError> {
        match self {
            Self::Core { meta } => plan.core_named(name, *meta, at).await,
            Self::Edge { cores } => plan.edge_named(name, cores, at).await,
        }
    }
}

impl House {
    /// Starts a core on a free port.
    pub(super) async fn core(
        name: String,
        plan: &Plan,
        meta: SocketAddr,
    ) -> Result<Self, ProcessError> {
        Self::new(name, plan.clone(), Role::Core { meta }).await
    }

    /// Starts an edge on a free port.
    pub(super) async fn edge(
        name: String,
        plan: &Plan,
        cores: Vec<SocketAddr>,
    ) -> Result<Self, ProcessError> {
        Self::new(name, plan.clone(), Role::Edge { cores }).await
    }

    async fn new(name: String, plan: Plan, role: Role) -> Result<Self, ProcessError> {
        let process = role.start(&name, &plan, "127.0.0.1:0").await?;
        let address = process.address();
        Ok(Self { name, plan, role, address, process: Some(process) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap_or_else(|| panic!("{} lives", self.name))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process().pid().unwrap_or_else(|| panic!("{} lives", self.name))
    }

    /// Ends it as a crash does.
    pub async fn kill(&mut self) {
        let process = self.process.take().unwrap_or_else(|| panic!("{} lives", self.name));
        process.kill().await.expect("SIGKILL");
    }

    /// Ends it as a crash does, in the midst of whatever is under way; it is collected later.
    pub fn kill_now(&self) {
        self.signal("-KILL");
    }

    /// Asks it to end as an operator does, in the midst of whatever is under way; [`House::stop`] waits
    /// for it.
    pub fn stop_now(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, which: &str) {
        let sent =
            std::process::Command::new("kill").args([which, &self.pid().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends it as an operator does; true when it drained in time and in peace.
    pub async fn stop(&mut self) -> bool {
        let process = self.process.take().unwrap_or_else(|| panic!("{} lives", self.name));
        process.terminate().await.expect("it ends in time")
    }

    /// Halts it with SIGSTOP.
    pub async fn halt(&self) {
        self.process().halt().await.expect("SIGSTOP");
    }

    /// Lets it go on with SIGCONT.
    pub async fn go_on(&self) {
        self.process().go_on().await.expect("SIGCONT");
    }

    /// Starts it again after its end, as it was.
    pub async fn start(&mut self) {
        self.process = None;
        let at = self.address.to_string();
        let started = self.role.start(&self.name, &self.plan, &at).await;
        self.process = Some(started.expect("it starts again"));
    }
}
