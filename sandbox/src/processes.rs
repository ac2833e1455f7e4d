//! The service as separate processes on free ports: what the benchmark measures and what fault tests
//! kill and start again.
//!
//! Every process is this very binary with a hidden subcommand, so nothing else needs to be built.
//! Invariant: a process that was started here ends with its handle, whatever happens.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long a process may take to listen.
const START: Duration = Duration::from_secs(30);
/// How long a process may take to drain.
const DRAIN: Duration = Duration::from_secs(25);

/// The word that the ready line begins with: `listening 127.0.0.1:4321`.
pub const READY: &str = "listening ";

/// Why a process did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started or read.
    #[error("{name}: {source}")]
    Io {
        /// Which.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It ended or stayed silent instead of listening.
    #[error("{0} did not begin to listen")]
    NotReady(&'static str),
    /// It did not end in time.
    #[error("{0} did not end within 25 s")]
    NotEnding(&'static str),
}

/// A running process.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    address: SocketAddr,
    notes: Vec<String>,
}

impl Process {
    /// Starts `binary subcommand` with this environment and nothing else of ours, and waits until it
    /// listens. Its log goes to `log`, appended.
    ///
    /// # Errors
    /// [`ProcessError`] when it does not come up.
    pub async fn start(
        binary: &Path,
        name: &'static str,
        settings: &[(&str, String)],
        log: &Path,
    ) -> Result<Self, ProcessError> {
        let io = |source| ProcessError::Io { name, source };
        let log = std::fs::File::options().create(true).append(true).open(log).map_err(io)?;
        let mut child = Command::new(binary)
            .arg(name)
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "RUST_LOG"))
            .envs(settings.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(io)?;
        let stdout = child.stdout.take().ok_or(ProcessError::NotReady(name))?;
        let mut lines = BufReader::new(stdout).lines();
        let mut notes = Vec::new();
        let ready = async {
            while let Some(line) = lines.next_line().await.map_err(io)? {
                if let Some(address) = line.strip_prefix(READY).and_then(|rest| rest.parse().ok()) {
                    return Ok(address);
                }
                notes.push(line);
            }
            Err(ProcessError::NotReady(name))
        };
        let address = timeout(START, ready).await.map_err(|_| ProcessError::NotReady(name))??;
        Ok(Self { name, child, address, notes })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it said before it was ready, on the line that begins with this.
    pub fn note(&self, beginning: &str) -> Option<&str> {
        self.notes.iter().find_map(|line| line.strip_prefix(beginning))
    }

    /// Its process id, while it lives.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it with SIGKILL, as a crash would.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(mut self) -> Result<(), ProcessError> {
        self.child.kill().await.map_err(|source| ProcessError::Io { name: self.name, source })
    }

    /// Halts it with SIGSTOP: it keeps its connections and does nothing.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn halt(&self) -> Result<(), ProcessError> {
        self.signal("-STOP").await
    }

    /// Lets it go on after [`Process::halt`].
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn go_on(&self) -> Result<(), ProcessError> {
        self.signal("-CONT").await
    }

    async fn signal(&self, which: &str) -> Result<(), ProcessError> {
        let io = |source| ProcessError::Io { name: self.name, source };
        let Some(pid) = self.child.id() else { return Ok(()) };
        let sent = Command::new("kill").arg(which).arg(pid.to_string()).status().await;
        match sent.map_err(io)?.success() {
            true => Ok(()),
            false => Err(io(std::io::Error::other(format!("kill {which} {pid} failed")))),
        }
    }

    /// Asks it to end with SIGTERM and waits; returns true when it ended with code 0.
    ///
    /// # Errors
    /// [`ProcessError::NotEnding`] when it does not within 25 s.
    pub async fn terminate(mut self) -> Result<bool, ProcessError> {
        let io = |source| ProcessError::Io { name: self.name, source };
        self.signal("-TERM").await?;
        let ended = timeout(DRAIN, self.child.wait()).await;
        Ok(ended.map_err(|_| ProcessError::NotEnding(self.name))?.map_err(io)?.success())
    }
}

/// A MongoDB for a core to keep its data in.
#[derive(Debug, Clone)]
pub struct MongoDb {
    /// Connection string of a replica set.
    pub uri: String,
    /// The database in it.
    pub database: String,
}

/// Settings that make a core, an edge and a simulated Meta find each other.
#[derive(Debug, Clone)]
pub struct Plan {
    /// This binary.
    pub binary: PathBuf,
    /// Where data and logs go.
    pub folder: PathBuf,
    /// Secret between the processes; made up.
    pub service_token: String,
    /// The core's key ring; made up.
    pub token_keys: String,
    /// Where cores keep their data; without one, on the embedded store in the folder.
    pub mongodb: Option<MongoDb>,
}

impl Plan {
    /// A plan in this folder, with fresh secrets.
    pub fn new(binary: PathBuf, folder: PathBuf) -> Self {
        let secrets = crate::secrets::Secrets::fresh();
        Self {
            binary,
            folder,
            service_token: secrets.service_token,
            token_keys: secrets.token_keys,
            mongodb: None,
        }
    }

    /// Everything that the processes are given to keep to themselves.
    pub fn secrets(&self) -> Vec<String> {
        let key = self.token_keys.split_once(':').map_or("", |(_, key)| key);
        let given =
            [&self.service_token, key, crate::secrets::APP_SECRET, crate::secrets::VERIFY_TOKEN];
        given.into_iter().map(str::to_owned).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// Starts a simulated Meta; it must be told where webhooks go once there is an edge.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub async fn meta(&self) -> Result<Process, ProcessError> {
        let settings = [("SANDBOX_META_LISTEN", "127.0.0.1:0".to_owned())];
        Process::start(&self.binary, "meta", &settings, &self.log("meta")).await
    }

    /// Starts a core on the store of this plan.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub async fn core(&self, meta: SocketAddr, listen: &str) -> Result<Process, ProcessError> {
        self.core_named("core", meta, listen).await
    }

    /// As [`Plan::core`], for one of several: its log has this name.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub async fn core_named(
        &self,
        name: &str,
        meta: SocketAddr,
        listen: &str,
    ) -> Result<Process, ProcessError> {
        let mut settings = vec![
            ("CORE_LISTEN", listen.to_owned()),
            ("CORE_METRICS_LISTEN", "127.0.0.1:0".to_owned()),
            ("EMBEDDED_PATH", self.folder.join("core").display().to_string()),
            ("TOKEN_KEYS", self.token_keys.clone()),
            ("CORE_SERVICE_TOKENS", format!("edge:{}:edge", self.service_token)),
            ("META_GRAPH_URL", format!("http://{meta}/graph")),
            ("META_APP_ID", crate::secrets::APP_ID.to_owned()),
            ("META_APP_SECRETS", crate::secrets::APP_SECRET.to_owned()),
            ("META_DIALOG_URL", format!("http://{meta}/graph")),
            ("OAUTH_REDIRECT_URI", crate::secrets::REDIRECT_URI.to_owned()),
            ("OAUTH_RETURN_URL", crate::secrets::RETURN_URL.to_owned()),
            ("SANDBOX_CLOCK", format!("http://{meta}/graph/_clock")),
            ("SANDBOX_STATS_LISTEN", "127.0.0.1:0".to_owned()),
        ];
        if let Some(MongoDb { uri, database }) = &self.mongodb {
            settings.extend([
                ("STORE", "mongodb".to_owned()),
                ("MONGODB_URI", uri.clone()),
                ("MONGODB_DATABASE", database.clone()),
            ]);
        }
        Process::start(&self.binary, "core", &settings, &self.log(name)).await
    }

    /// Starts an edge in front of a core.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub async fn edge(&self, core: SocketAddr, listen: &str) -> Result<Process, ProcessError> {
        self.edge_named("edge", &[core], listen).await
    }

    /// As [`Plan::edge`], for one of several: its log has this name, and it knows these cores.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub async fn edge_named(
        &self,
        name: &str,
        cores: &[SocketAddr],
        listen: &str,
    ) -> Result<Process, ProcessError> {
        let cores: Vec<String> = cores.iter().map(|core| format!("http://{core}")).collect();
        let settings = [
            ("EDGE_LISTEN", listen.to_owned()),
            ("CORE_URL", cores.join(",")),
            ("CORE_SERVICE_TOKEN", self.service_token.clone()),
            ("META_APP_SECRETS", crate::secrets::APP_SECRET.to_owned()),
            ("META_VERIFY_TOKEN", crate::secrets::VERIFY_TOKEN.to_owned()),
        ];
        Process::start(&self.binary, "edge", &settings, &self.log(name)).await
    }
}
