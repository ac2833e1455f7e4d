//! The WebSocket face: `GET /api/ws`, text frames of JSON.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{
        State,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    close::Close,
    commands::Command,
    frame::Frame,
    session::{Face, Gone, Incoming, Session},
    ticket::Ticket,
};
use crate::{
    api::Params,
    gateway::Gateway,
    identity::Caller,
    problem::{Problem, ProblemBody},
};

/// Largest frame that a client may send.
const MAX_FRAME: usize = 64 * 1024;
/// The default of 128 KiB each would be most of what a socket costs.
const BUFFER: usize = 4 * 1024;
const PING: Duration = Duration::from_secs(25);
const PONG: Duration = Duration::from_secs(10);
/// Longest wait for a close frame to be taken.
const GOODBYE: Duration = Duration::from_secs(3);
/// One who is too slow must first take what lies before the close frame.
const SLOW_GOODBYE: Duration = Duration::from_secs(15);

/// Opens a socket: `ready`, then what was missed, then what happens.
///
/// Close codes: 4001 not authenticated, 4002 bad frame, 4003 no longer allowed, 4008 too slow, 4009
/// going away or too old, 4029 too many commands. After 4008 and 4009 connect again with `after`.
#[utoipa::path(
    get,
    path = "/api/ws",
    tag = "events",
    params(("after" = Option<String>, Query, description = "cursor of the last event seen; absent: from now on")),
    responses(
        (status = 101, description = "the socket is open"),
        (status = "default", description = "a problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    caller: Caller,
    mut params: Params,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let after = params.cursor("after");
    params.finish()?;
    let upgrade = upgrade.map_err(|_| Problem::field("Upgrade", "must be a WebSocket upgrade"))?;
    let ticket = Ticket::take(&gateway.realtime, &caller, after).await?;
    let upgrade = upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let realtime = &gateway.realtime;
        let session = Session::new(realtime, ticket, WebSocketFace::new(socket));
        // Tracked, so that a drain waits for the close frames.
        let _ended = realtime.tasks.spawn(session.run()).await;
    }))
}

/// One socket.
struct WebSocketFace {
    socket: WebSocket,
    /// When to ping next, or by when the pong must be here.
    timer: Instant,
    waiting: bool,
}

impl WebSocketFace {
    fn new(socket: WebSocket) -> Self {
        Self { socket, timer: Instant::now() + PING, waiting: false }
    }
}

impl Face for WebSocketFace {
    async fn send(&mut self, frame: &Frame) -> Result<(), Gone> {
        self.socket.send(Message::Text(frame.json())).await.map_err(|_| Gone)
    }

    async fn next(&mut self) -> Incoming {
        loop {
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => return read(&text),
                    Some(Ok(Message::Binary(_))) => return Incoming::Bad,
                    Some(Ok(Message::Pong(_))) => {
                        self.waiting = false;
                        self.timer = Instant::now() + PING;
                    }
                    // The library answers a ping by itself.
                    Some(Ok(Message::Ping(_))) => {}
                    Some(Ok(Message::Close(_))) | None => return Incoming::Gone,
                    // A frame over the limit, or bytes that are no frame.
                    Some(Err(_)) => return Incoming::Bad,
                },
                () = sleep_until(self.timer) => {
                    if self.waiting {
                        return Incoming::Gone;
                    }
                    self.waiting = true;
                    self.timer = Instant::now() + PONG;
                    if self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return Incoming::Gone;
                    }
                }
            }
        }
    }

    async fn close(mut self, close: Close) {
        let frame = CloseFrame { code: close.code(), reason: close.reason().into() };
        let goodbye = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                // The other side's close frame, after whatever it had sent before.
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let patience = if close == Close::TooSlow { SLOW_GOODBYE } else { GOODBYE };
        let _taken = timeout(patience, goodbye).await;
    }
}

/// A command as it is written.
#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Written {
    #[serde(rename = "typing:start", rename_all = "camelCase")]
    TypingStart { conversation_id: String },
    #[serde(rename = "typing:stop", rename_all = "camelCase")]
    TypingStop { conversation_id: String },
    #[serde(rename = "ping")]
    Ping {},
}

fn read(text: &str) -> Incoming {
    let typing = |conversation_id: String, typing| {
        if (1..=64).contains(&conversation_id.len()) {
            Incoming::Command(Command::Typing { conversation_id, typing })
        } else {
            Incoming::Bad
        }
    };
    match serde_json::from_str(text) {
        Ok(Written::TypingStart { conversation_id }) => typing(conversation_id, true),
        Ok(Written::TypingStop { conversation_id }) => typing(conversation_id, false),
        Ok(Written::Ping {}) => Incoming::Command(Command::Ping),
        Err(_) => Incoming::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_are_commands() {
        assert!(matches!(read(r#"{"type":"ping"}"#), Incoming::Command(Command::Ping)));
        let typing = r#"{"type":"typing:start","conversationId":"c1"}"#;
        assert!(matches!(read(typing), Incoming::Command(Command::Typing { typing: true, .. })));
        for bad in [
            "",
            "ping",
            "[]",
            r#"{"type":"pong"}"#,
            r#"{"type":"ping","x":1}"#,
            r#"{"type":"typing:start"}"#,
            r#"{"type":"typing:start","conversationId":""}"#,
            r#"{"type":"typing:start","conversationId":7}"#,
        ] {
            assert!(matches!(read(bad), Incoming::Bad), "{bad}");
        }
    }
}
