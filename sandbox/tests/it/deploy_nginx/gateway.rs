//! Real NGINX with the shipped configuration, between callers and stand-ins for the edges and for the
//! service that knows who is signed in.
//!
//! Invariant: the files are the shipped ones; only the template's variables are filled in, as the NGINX
//! image does it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use reqwest::Method;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{edge::Edge, identity};
use crate::kit::PATIENCE;

/// What the gateway proves itself with.
pub const SECRET: &str = "between-gateway-and-edge";
/// How often a port may be lost to somebody else before NGINX has it.
const TRIES: usize = 5;

/// Which edges there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    Both,
    OnlySecond,
    None,
}

/// A running NGINX.
pub struct Gateway {
    pub address: SocketAddr,
    pub edge: Edge,
    pub http: reqwest::Client,
    // Ends with its handle, before its folder goes.
    _nginx: tokio::process::Child,
    folder: TempDir,
}

impl Gateway {
    /// Starts one with everything behind it.
    pub async fn start() -> Self {
        Self::start_with(Edges::Both, true).await
    }

    /// Starts one with some edges, and with or without somebody who knows who is signed in.
    pub async fn start_with(edges: Edges, identified: bool) -> Self {
        let edge = Edge::default();
        let first = if edges == Edges::Both { edge.serve("first").await } else { nobody().await };
        let second = if edges == Edges::None { nobody().await } else { edge.serve("second").await };
        let identity = if identified { identity::serve().await } else { nobody().await };
        let folder = tempfile::tempdir().expect("a folder");
        for _ in 0..TRIES {
            let address = nobody().await;
            install(folder.path(), address, [first, second], identity);
            let mut nginx = run(folder.path());
            if listens(&mut nginx, folder.path()).await {
                let http = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
                return Self { address, edge, http, _nginx: nginx, folder };
            }
        }
        panic!("NGINX does not start: {}", logs(folder.path()));
    }

    /// A request, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// All that NGINX has logged.
    pub fn logs(&self) -> String {
        logs(self.folder.path())
    }
}

/// Has NGINX check the configuration, and returns what it says.
pub fn check(folder: &Path) -> (bool, String) {
    let output = program(folder).arg("-t").stdin(Stdio::null()).output();
    let output = output.expect(MISSING);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Puts the shipped files into a folder, filled in.
pub fn install(folder: &Path, listen: SocketAddr, edges: [SocketAddr; 2], identity: SocketAddr) {
    copy(&shipped(), folder);
    let values = [
        ("${GATEWAY_LISTEN}", listen.to_string()),
        ("${EDGE_1}", edges[0].to_string()),
        ("${EDGE_2}", edges[1].to_string()),
        ("${EDGE_GATEWAY_SECRET}", SECRET.to_owned()),
        ("${IDENTITY_SERVER}", identity.to_string()),
        ("${IDENTITY_PATH}", identity::PATH.to_owned()),
    ];
    let template = fs::read_to_string(shipped().join("settings.conf.template")).expect("a file");
    let settings =
        values.iter().fold(template, |text, (variable, value)| text.replace(variable, value));
    assert!(!settings.contains("${"), "a variable is not filled in: {settings}");
    fs::create_dir_all(folder.join("conf.d")).expect("a folder");
    fs::write(folder.join("conf.d/settings.conf"), settings).expect("a file");
}

/// Where the shipped files are.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nginx")
}

/// An address where nobody listens.
pub async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address")
}

const MISSING: &str = "nginx is missing. Install it: apt-get install nginx-light";

fn program(folder: &Path) -> Command {
    // Debian keeps it where only root looks.
    let path = std::env::var("PATH").unwrap_or_default();
    let mut program = Command::new("nginx");
    program.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    program.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    program
}

/// One process, so that it ends with its handle.
fn run(folder: &Path) -> tokio::process::Child {
    let file = |name: &str| fs::File::create(folder.join(name)).expect("a file");
    let mut program = tokio::process::Command::from(program(folder));
    program.args(["-g", "daemon off; master_process off;"]).stdin(Stdio::null());
    program.stdout(file("access.log")).stderr(file("error.log")).kill_on_drop(true);
    program.spawn().expect(MISSING)
}

/// Whether it listens; false when it has ended instead.
async fn listens(nginx: &mut tokio::process::Child, folder: &Path) -> bool {
    // It tells nobody that it listens, but writes this file once it does.
    let written = folder.join("nginx.pid");
    let up = async {
        while !fs::metadata(&written).is_ok_and(|file| file.len() > 0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        ended = nginx.wait() => { ended.expect("a status"); false }
        up = tokio::time::timeout(PATIENCE, up) => { up.expect("NGINX starts"); true }
    }
}

fn logs(folder: &Path) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    read("access.log") + &read("error.log")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
