//! A listener whose connections can be cut by the handler that serves them.
//!
//! A refused or lost connection is the fault that finds duplicate sends, and an HTTP framework only
//! knows answers. So the socket is wrapped: a handler pulls the [`KillSwitch`] and returns anything,
//! the next write fails, and the peer sees a reset instead of an answer. [`serve`] puts it together.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Cuts one connection.
#[derive(Clone, Debug, Default)]
pub struct KillSwitch(Arc<AtomicBool>);

impl KillSwitch {
    /// From now on the connection takes no byte more; it is reset at its next write.
    pub fn kill(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_killed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Who is at the other end, and how to hang up on them; found in requests as `ConnectInfo<Peer>`.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Address of the caller.
    pub addr: SocketAddr,
    /// Cuts the connection that this request came by.
    pub kill: KillSwitch,
}

impl Connected<IncomingStream<'_, KillableListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, KillableListener>) -> Self {
        Self { addr: *stream.remote_addr(), kill: stream.io().kill.clone() }
    }
}

/// A TCP listener that hands out [`KillableStream`]s.
#[derive(Debug)]
pub struct KillableListener(TcpListener);

impl KillableListener {
    /// Wraps a bound listener.
    #[must_use]
    pub fn new(listener: TcpListener) -> Self {
        Self(listener)
    }
}

impl Listener for KillableListener {
    type Io = KillableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        // A simulator on loopback: small answers must not wait for a full segment.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not switch Nagle's algorithm off");
        }
        (KillableStream { stream, kill: KillSwitch::default() }, addr)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// Serves a router over connections that its handlers can cut, until `stop`; then answers what was
/// asked and returns.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<Peer>();
    axum::serve(KillableListener::new(listener), service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

/// A TCP stream with a [`KillSwitch`].
#[derive(Debug)]
pub struct KillableStream {
    stream: TcpStream,
    kill: KillSwitch,
}

impl KillableStream {
    fn check(&self) -> io::Result<()> {
        if !self.kill.is_killed() {
            return Ok(());
        }
        // Zero linger makes the close a reset: no polite FIN, no bytes that were still queued.
        self.stream.set_zero_linger()?;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    }
}

impl AsyncRead for KillableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for KillableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
