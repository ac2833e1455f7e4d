//! One command to one server, over a connection of its own.
//!
//! The driver is made to find a server that can serve, and waits when there is none. Here the question
//! is what this very server says now, even while it starts, is frozen, or belongs to no set yet.

use std::{
    io::{self, ErrorKind},
    net::Ipv4Addr,
    time::Duration,
};

use mongodb::bson::Document;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Error;

/// The operation code of a message, the only form that servers of today speak.
const OP_MSG: i32 = 2013;
const HEADER: usize = 16;
/// Flags, and the kind of the one section.
const PREAMBLE: usize = 5;
/// As long as a server's messages may be.
const LONGEST: usize = 48_000_000;

/// Runs `command` against the database `admin` of the server on `port`.
pub(crate) async fn ask(port: u16, command: Document, within: Duration) -> Result<Document, Error> {
    let name = command.keys().next().cloned().unwrap_or_default();
    let message = encode(command).map_err(|why| Error::Garbled { port, why })?;
    let body = timeout(within, exchange(port, &message))
        .await
        .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
        .map_err(|source| Error::Away { port, source })?;
    let section = body.get(PREAMBLE..).unwrap_or_default();
    let answer = Document::from_reader(section)
        .map_err(|error| Error::Garbled { port, why: error.to_string() })?;
    match answer.get("ok").and_then(mongodb::bson::Bson::as_f64) {
        Some(1.0) => Ok(answer),
        _ => Err(Error::Refused {
            port,
            command: name,
            code: answer.get_i32("code").unwrap_or_default(),
            message: answer.get_str("errmsg").unwrap_or_default().to_owned(),
        }),
    }
}

fn encode(mut command: Document) -> Result<Vec<u8>, String> {
    command.insert("$db", "admin");
    let body = command.to_vec().map_err(|error| error.to_string())?;
    let length =
        i32::try_from(HEADER + PREAMBLE + body.len()).map_err(|error| error.to_string())?;
    let mut message = Vec::with_capacity(HEADER + PREAMBLE + body.len());
    let (request, response_to) = (1_i32, 0_i32);
    for number in [length, request, response_to, OP_MSG] {
        message.extend(number.to_le_bytes());
    }
    message.extend([0; PREAMBLE]);
    message.extend(body);
    Ok(message)
}

/// Sends one message and reads the body of the answer.
async fn exchange(port: u16, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(message).await?;
    let length = usize::try_from(stream.read_i32_le().await?).unwrap_or_default();
    if !(HEADER + PREAMBLE..=LONGEST).contains(&length) {
        return Err(io::Error::new(ErrorKind::InvalidData, "not a message"));
    }
    let mut rest = vec![0; length - size_of::<i32>()];
    stream.read_exact(&mut rest).await?;
    Ok(rest.split_off(HEADER - size_of::<i32>()))
}
