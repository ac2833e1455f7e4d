//! `sandbox` by itself: everything in one process, as a newcomer starts it.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use futures_util::StreamExt as _;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::kit::{BINARY, PATIENCE};

/// How long an orderly end may take.
const DRAIN: Duration = Duration::from_secs(25);

/// A running sandbox and the address of its page.
struct Sandbox {
    child: Child,
    page: String,
    edge: String,
}

impl Sandbox {
    async fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut child = command(arguments, folder).spawn().expect("it starts");
        let stdout = child.stdout.take().expect("piped");
        let mut lines = BufReader::new(stdout).lines();
        let (mut page, mut edge) = (String::new(), String::new());
        let read = async {
            while edge.is_empty() {
                let line = lines.next_line().await.expect("text").expect("more lines");
                let address = || line.split_whitespace().last().expect("an address").to_owned();
                if line.trim_start().starts_with("page") {
                    page = address();
                } else if line.trim_start().starts_with("edge itself") {
                    edge = address();
                }
            }
        };
        timeout(PATIENCE, read).await.expect("it says where it is");
        // Its output is read to the end, so that it never writes to a closed pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, page: page.trim_end_matches('/').to_owned(), edge }
    }

    /// SIGTERM; true when it ended in peace.
    async fn stop(mut self) -> bool {
        let pid = self.child.id().expect("it lives").to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(asked.expect("kill runs").success());
        let ended = timeout(DRAIN, self.child.wait()).await.expect("it ends in time");
        ended.expect("a status").success()
    }
}

fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(["--port", "0", "--edge-port", "0", "--core-port", "0"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn client() -> Client {
    let client = Client::builder().no_proxy().timeout(PATIENCE);
    client.build().expect("a client")
}

async fn json_of(request: reqwest::RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.expect("an answer");
    let (got, text) = (answer.status().as_u16(), answer.text().await.expect("text"));
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_newcomer_connects_writes_and_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::start(&["--ephemeral"], folder.path()).await;
    let (http, page) = (client(), &sandbox.page);
    for (path, kind) in [
        ("/", "text/html"),
        ("/assets/app.js", "text/javascript"),
        ("/api-docs/openapi.json", "application/json"),
    ] {
        let answer = http.get(format!("{page}{path}")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let header = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(header.starts_with(kind), "{path}: {header}");
    }
    // What the page is told, and what it connects with.
    let info = json_of(http.get(format!("{page}/sandbox/info")), 200).await;
    assert_eq!(info["as"]["email"], "recruiter@linkojob.test");
    let account = &info["account"];
    let body = json!({"wabaId": account["wabaId"], "phoneNumberId": account["phoneNumberId"],
                      "accessToken": account["accessToken"]});
    let clients = format!("{page}/api/clients");
    let made = json_of(http.post(&clients).json(&body), 201).await;
    assert_eq!(made["owner"], "recruiter@linkojob.test");
    assert_eq!(made["status"], "CONNECTED");

    // Somebody else by `?as=`; the edge itself wants the headers that the front adds.
    let other = format!("{clients}/me?as=jon@linkojob.test");
    assert_eq!(json_of(http.get(other), 404).await["error"]["name"], "CLIENT_NOT_FOUND");
    let edge = json_of(http.get(format!("{}/api/clients", sandbox.edge)), 401).await;
    assert_eq!(edge["error"]["name"], "EMAIL_HEADER_IS_REQUIRED");

    // A whole round: phone → webhook → socket → answer → phone.
    let url = format!("{}/api/ws", page.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let phone = format!("{page}/phone/4915960000001");
    json_of(http.post(format!("{phone}/messages")).json(&json!({"text": "Hi there"})), 200).await;
    let heard = timeout(PATIENCE, async {
        loop {
            let frame = socket.next().await.expect("a frame").expect("a frame");
            let frame: Value = serde_json::from_str(frame.to_text().expect("text")).expect("JSON");
            if frame["type"] == "message:incoming" {
                return frame["data"].clone();
            }
        }
    });
    let heard = heard.await.expect("the candidate is heard");
    assert_eq!(heard["message"]["content"]["text"], "Hi there");
    let reply = json!({"conversationId": heard["conversation"]["id"], "text": "Welcome!"});
    json_of(http.post(format!("{page}/api/messages/text")).json(&reply), 201).await;
    let shown = json_of(http.get(&phone), 200).await;
    assert_eq!(shown["messages"][1]["text"], "Welcome!");

    // A page of another name learns nothing, neither here nor at the edge, which believes headers.
    for target in [format!("{page}/graph/_ledger"), format!("{}/health/live", sandbox.edge)] {
        let foreign = http.get(&target).header("host", "evil.example").send().await;
        assert_eq!(foreign.expect("an answer").status(), 403, "{target}");
    }
    assert!(sandbox.stop().await, "it ends in peace");
    assert!(!folder.path().join("data").exists(), "and has kept nothing");
}

#[tokio::test]
async fn state_is_kept_and_a_second_process_stops_with_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--data", "kept"];
    let sandbox = Sandbox::start(&arguments, folder.path()).await;
    let http = client();
    let info = json_of(http.get(format!("{}/sandbox/info", sandbox.page)), 200).await;
    let account = &info["account"];
    let body = json!({"wabaId": account["wabaId"], "phoneNumberId": account["phoneNumberId"],
                      "accessToken": account["accessToken"]});
    let clients = format!("{}/api/clients", sandbox.page);
    let made = json_of(http.post(clients).json(&body), 201).await;

    let second = command(&arguments, folder.path()).env("RUST_LOG", "error").output();
    let second = timeout(PATIENCE, second).await.expect("it stops").expect("it ran");
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).expect("text");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("kept"), "{said}");

    assert!(sandbox.stop().await);
    let again = Sandbox::start(&arguments, folder.path()).await;
    let kept = json_of(http.get(format!("{}/api/clients/me", again.page)), 200).await;
    assert_eq!(kept["id"], made["id"]);
    let send = json!({"to": "+4915960000002", "candidateName": "Ana"});
    let send = http.post(format!("{}/api/messages/template", again.page)).json(&send);
    json_of(send, 201).await;
    assert!(again.stop().await);
}

#[tokio::test]
async fn a_taken_port_stops_the_start_with_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address: SocketAddr = taken.local_addr().expect("an address");
    let mut command = Command::new(BINARY);
    command.args(["--ephemeral", "--port", &address.port().to_string()]);
    command.args(["--edge-port", "0", "--core-port", "0"]).env_clear().env("RUST_LOG", "error");
    let output = timeout(PATIENCE, command.current_dir(folder.path()).kill_on_drop(true).output());
    let output = output.await.expect("it stops").expect("it ran");
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(&address.to_string()), "{said}");
}
