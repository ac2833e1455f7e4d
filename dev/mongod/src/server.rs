//! One `mongod`: its port, its folder, and the guard that owns the process.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mongodb::bson::{Document, doc};
use tokio::task::spawn_blocking;

use crate::{
    Error, Options,
    access::Access,
    ask::ask,
    find::find,
    guard::{Guard, Order},
    port, process,
    until::{Seen, until},
    uri,
};

/// Starting takes one second alone, and many on a machine where everything else starts too.
const START: Duration = Duration::from_secs(60);
/// How long a server may take for an answer about itself before it counts as away.
const HELLO: Duration = Duration::from_secs(1);
/// Tries to find a port that nobody takes in the moment between looking and listening.
const PORTS: usize = 5;

/// One server. It is killed, and its folder removed, when this is dropped or the process ends.
#[derive(Debug)]
pub struct Server {
    port: u16,
    folder: PathBuf,
    guard: Arc<Mutex<Guard>>,
    /// Of the process that was started last.
    pid: Mutex<u32>,
}

impl Server {
    /// A server that belongs to no set: without transactions, change streams, or majority.
    ///
    /// # Errors
    /// When there is no `mongod`, or when it does not start.
    pub async fn standalone(options: &Options) -> Result<Self, Error> {
        Self::start(options, &[], None).await
    }

    /// Starts a server with the further `arguments`, and waits until it answers.
    pub(crate) async fn start(
        options: &Options,
        arguments: &[&str],
        access: Option<&Access>,
    ) -> Result<Self, Error> {
        let mongod = in_background("looking for mongod", find).await??;
        let mut arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        arguments.extend(options.arguments());
        let mut tries = 1;
        loop {
            match Self::on(port::free(), &mongod, &arguments, access).await {
                Err(Error::Ended { last_words })
                    if tries < PORTS && last_words.contains("already in use") =>
                {
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    async fn on(
        port: u16,
        mongod: &Path,
        further: &[OsString],
        access: Option<&Access>,
    ) -> Result<Self, Error> {
        let folder = env::temp_dir().join(format!("mongod-{port}-{:08x}", rand::random::<u32>()));
        let key = folder.join("key");
        let mut arguments: Vec<OsString> = ["--bind_ip", "127.0.0.1", "--nounixsocket", "--port"]
            .iter()
            .map(OsString::from)
            .collect();
        arguments.push(port.to_string().into());
        arguments.push("--dbpath".into());
        arguments.push(folder.clone().into());
        arguments.push("--logappend".into());
        arguments.push("--logpath".into());
        arguments.push(log_in(&folder).into());
        if access.is_some() {
            arguments.push("--keyFile".into());
            arguments.push(key.clone().into());
        }
        arguments.extend_from_slice(further);
        let (own, mongod) = (folder.clone(), mongod.to_owned());
        let guard =
            in_background("starting a guard", move || Guard::new(&own, &mongod, &arguments))
                .await?
                .map_err(Error::system("starting a guard"))?;
        let guard = Arc::new(Mutex::new(guard));
        let server = Self { port, folder, guard, pid: Mutex::new(0) };
        if let Some(access) = access {
            access.write_key(&key)?;
        }
        server.restart().await?;
        Ok(server)
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A connection string that leads to this server alone.
    #[must_use]
    pub fn uri(&self) -> String {
        uri::of_server(self.port, None)
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        log_in(&self.folder)
    }

    /// The process that was started last: to measure it. Signals go through the methods here.
    #[must_use]
    pub fn pid(&self) -> u32 {
        *self.pid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the process, in the same folder and on the same port as before, and waits until it
    /// answers. One that runs is killed first.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&self) -> Result<(), Error> {
        self.order(Order::Kill).await?;
        let pid = self.order(Order::Start).await?.parse().map_err(|_| Error::System {
            what: "starting mongod",
            source: std::io::ErrorKind::InvalidData.into(),
        })?;
        *self.pid.lock().unwrap_or_else(PoisonError::into_inner) = pid;
        until("a server that answers", START, async || match self.hello().await {
            Ok(_) => Ok(Seen::Yes(())),
            Err(_) if process::has_ended(pid) => {
                Err(Error::Ended { last_words: self.last_words() })
            }
            Err(error) => Ok(Seen::NotYet(error.to_string())),
        })
        .await
    }

    /// SIGKILL; returns when the process is gone.
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn kill(&self) -> Result<(), Error> {
        self.order(Order::Kill).await.map(|_| ())
    }

    /// SIGSTOP: it keeps its connections and answers nothing. Returns when no thread of it runs.
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn stop(&self) -> Result<(), Error> {
        self.order(Order::Stop).await?;
        let pid = self.pid();
        until("a server at rest", START, async || {
            Ok(if process::is_stopping(pid) {
                Seen::NotYet("threads that run".to_owned())
            } else {
                Seen::Yes(())
            })
        })
        .await
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// When its guard is gone.
    pub async fn cont(&self) -> Result<(), Error> {
        self.order(Order::Continue).await.map(|_| ())
    }

    /// What it says about itself and its set.
    pub(crate) async fn hello(&self) -> Result<Document, Error> {
        ask(self.port, doc! { "hello": 1 }, HELLO).await
    }

    async fn order(&self, order: Order) -> Result<String, Error> {
        let guard = Arc::clone(&self.guard);
        in_background("giving an order to a guard", move || {
            guard.lock().unwrap_or_else(PoisonError::into_inner).order(order)
        })
        .await?
        .map_err(Error::system("giving an order to a guard"))
    }

    /// Begins to end it, without waiting as dropping does.
    pub(crate) fn release(&self) {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).release();
    }

    /// Why it ended: the error in its log, else what it printed before it had one.
    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let output = fs::read_to_string(self.folder.join("output")).unwrap_or_default();
        log.lines()
            .rev()
            .find(|line| line.contains(r#""s":"E""#) || line.contains(r#""s":"F""#))
            .map_or_else(|| output.trim().replace('\n', ", "), str::to_owned)
    }
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("mongod.log")
}

/// Runs what blocks where it may.
async fn in_background<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(|error| Error::System { what, source: error.into() })
}
