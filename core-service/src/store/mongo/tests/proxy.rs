//! A proxy before one server that loses what it is told to lose, or lets nobody through.

use std::{
    collections::HashSet,
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// What becomes of a command and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lose {
    /// The server never hears of it.
    Command,
    /// It is run, and nobody is answered.
    Answer,
    /// It is run, and the connection breaks instead of an answer.
    AnswerAndConnection,
}

/// What is to be lost next.
#[derive(Debug)]
struct Rule {
    /// The command's name as it stands in a message.
    name: Vec<u8>,
    lose: Lose,
    left: u32,
}

#[derive(Debug, Default)]
struct State {
    rule: Option<Rule>,
    lost: u32,
    /// Ends the connections of now.
    through: CancellationToken,
    cut: bool,
}

#[derive(Debug)]
struct Shared {
    server: u16,
    state: Mutex<State>,
}

/// Answers of a connection that are not to be passed on, by the number of their question.
type Unanswered = Arc<Mutex<HashSet<[u8; 4]>>>;

/// The proxy. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    _accepting: AbortOnDropHandle<()>,
}

impl Proxy {
    /// A proxy before the server on a port.
    pub(super) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { server, state: Mutex::default() });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared, _accepting: AbortOnDropHandle::new(accepting) }
    }

    /// Leads to the server by this way only.
    pub(super) fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port)
    }

    /// Loses the next `times` commands of this name, or their answers.
    pub(super) fn lose(&self, command: &str, lose: Lose, times: u32) {
        let name = [command.as_bytes(), b"\0"].concat();
        self.shared.state().rule = Some(Rule { name, lose, left: times });
    }

    /// How many were lost so far.
    pub(super) fn lost(&self) -> u32 {
        self.shared.state().lost
    }

    /// Ends all connections and lets no new one through.
    pub(super) fn cut(&self) {
        let mut state = self.shared.state();
        state.cut = true;
        state.through.cancel();
    }

    /// Lets connections through again.
    pub(super) fn mend(&self) {
        let mut state = self.shared.state();
        state.cut = false;
        state.through = CancellationToken::new();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the message is to be lost, and how.
    fn loses(&self, message: &[u8]) -> Option<Lose> {
        let mut state = self.state();
        let rule = state.rule.as_mut().filter(|rule| rule.left > 0)?;
        let named = message.windows(rule.name.len()).any(|part| part == rule.name);
        let lose = named.then_some(rule.lose)?;
        rule.left -= 1;
        state.lost += 1;
        Some(lose)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let through = {
            let state = shared.state();
            if state.cut {
                continue;
            }
            state.through.clone()
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(through.run_until_cancelled_owned(async move {
            // Either side may go when it likes.
            let _ = pass(stream, shared).await;
        }));
    }
}

async fn pass(driver: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, shared.server)).await?;
    driver.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_driver, to_driver), (from_server, to_server)) =
        (driver.into_split(), server.into_split());
    let unanswered = Unanswered::default();
    tokio::select! {
        ended = questions(from_driver, to_server, &shared, &unanswered) => ended,
        ended = answers(from_server, to_driver, &shared, &unanswered) => ended,
    }
}

async fn questions(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
    unanswered: &Unanswered,
) -> io::Result<()> {
    loop {
        let message = message(&mut from).await?;
        match shared.loses(&message) {
            Some(Lose::Command) => continue,
            Some(Lose::Answer | Lose::AnswerAndConnection) => {
                let mut unanswered = unanswered.lock().unwrap_or_else(PoisonError::into_inner);
                unanswered.insert(number(&message, 4));
            }
            None => {}
        }
        to.write_all(&message).await?;
    }
}

async fn answers(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
    unanswered: &Unanswered,
) -> io::Result<()> {
    loop {
        let message = message(&mut from).await?;
        let lost = {
            let mut unanswered = unanswered.lock().unwrap_or_else(PoisonError::into_inner);
            unanswered.remove(&number(&message, 8))
        };
        if lost {
            let lose = shared.state().rule.as_ref().map(|rule| rule.lose);
            if lose == Some(Lose::AnswerAndConnection) {
                return Ok(());
            }
            continue;
        }
        to.write_all(&message).await?;
    }
}

/// A whole message: its length comes first, then its number and that of its question.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    let mut message = vec![0; usize::try_from(i32::from_le_bytes(length)).unwrap_or_default()];
    message[..4].copy_from_slice(&length);
    from.read_exact(&mut message[4..]).await?;
    Ok(message)
}

fn number(message: &[u8], at: usize) -> [u8; 4] {
    message[at..at + 4].try_into().unwrap_or_default()
}
