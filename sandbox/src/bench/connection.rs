//! One connection of the load: HTTP/1.1 by hand, because everything shares the processors.
//!
//! A client library costs more for one exchange than the service does, and that would be measured as
//! well. Invariant: it understands what the edge answers (a status, a length, a body) and calls
//! everything else a fault; it never guesses.

use std::{net::SocketAddr, time::Duration};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::http::{Fault, name_of};

/// Longest wait for one answer; the edge itself answers a send within 10 s.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest head of an answer.
const HEAD: usize = 16 << 10;
/// Longest body of an answer: a page of 100 rows is far below.
const BODY: usize = 4 << 20;

/// A connection that is kept open from exchange to exchange.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    received: BytesMut,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Fault> {
        let no_connection = |_| String::from("no connection");
        let stream = TcpStream::connect(address).await.map_err(no_connection)?;
        stream.set_nodelay(true).map_err(no_connection)?;
        Ok(Self { stream, received: BytesMut::with_capacity(HEAD) })
    }

    /// Sends a whole request and reads the whole answer. After a fault the connection is of no use.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        expected: &[u16],
    ) -> Result<Answer, Fault> {
        let exchanged = timeout(PATIENCE, self.answer(request)).await;
        let answer = exchanged.map_err(|_| String::from("no answer in time"))??;
        if expected.contains(&answer.status) {
            Ok(answer)
        } else {
            Err(name_of(answer.status, &answer.body))
        }
    }

    async fn answer(&mut self, request: &[u8]) -> Result<Answer, Fault> {
        self.stream.write_all(request).await.map_err(lost)?;
        loop {
            if let Some(answer) = take(&mut self.received)? {
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.received).await.map_err(lost)? == 0 {
                return Err(String::from("connection lost"));
            }
        }
    }
}

/// The kind of a failure, never its text: a text has numbers in it, and every kind is counted.
fn lost(_: std::io::Error) -> Fault {
    String::from("connection lost")
}

/// Takes one answer out of what was received; nothing while a part of it is missing.
fn take(received: &mut BytesMut) -> Result<Option<Answer>, Fault> {
    let strange = || String::from("not an answer that is understood");
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if received.len() > HEAD { Err(strange()) } else { Ok(None) };
    };
    let head = std::str::from_utf8(&received[..end]).map_err(|_| strange())?;
    let (status, length) = read_head(head).ok_or_else(strange)?;
    let body_at = end + 4;
    if received.len() < body_at + length {
        received.reserve(body_at + length - received.len());
        return Ok(None);
    }
    received.advance(body_at);
    Ok(Some(Answer { status, body: received.split_to(length).freeze() }))
}

/// The status, and the length of the body.
fn read_head(head: &str) -> Option<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())
    })??;
    (length <= BODY).then_some((status, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    const TWO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx: y\r\n\r\n{}\
                         HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

    #[test]
    fn answers_are_taken_one_after_the_other_however_they_arrive() {
        let mut received = BytesMut::new();
        let mut taken = Vec::new();
        for byte in TWO {
            received.extend_from_slice(&[*byte]);
            taken.extend(take(&mut received).expect("understood"));
        }
        let first = Answer { status: 200, body: Bytes::from_static(b"{}") };
        assert_eq!(taken, [first, Answer { status: 503, body: Bytes::new() }]);
        assert!(received.is_empty());
    }

    #[test]
    fn what_is_not_understood_is_a_fault() {
        for strange in [
            "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        ] {
            assert!(take(&mut BytesMut::from(strange)).is_err(), "{strange}");
        }
        assert!(take(&mut BytesMut::from(&[b'x'; HEAD + 1][..])).is_err());
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_its_end_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            for answer in
                ["200 OK\r\ncontent-length: 2\r\n\r\n{}", "503\r\ncontent-length: 0\r\n\r\n"]
            {
                stream.read_exact(&mut [0; 3]).await.expect("a request");
                let answer = format!("HTTP/1.1 {answer}");
                stream.write_all(answer.as_bytes()).await.expect("written");
            }
        });
        let mut connection = Connection::open(address).await.expect("open");
        let first = connection.exchange(b"one", &[200]).await.expect("expected");
        assert_eq!(first.body, "{}");
        assert_eq!(connection.exchange(b"two", &[200]).await, Err(String::from("503")));
        server.await.expect("served");
        assert_eq!(connection.exchange(b"six", &[200]).await, Err(String::from("connection lost")));
        let refused = Connection::open(address).await.expect_err("nobody listens");
        assert_eq!(refused, "no connection");
    }
}
