//! A core that serves by TLS, on a real port: who gets in, and with what.

use std::net::SocketAddr;

use core_service::{app::App, clock::Clock, config::Config};
use dev_certificates::{Authority, Files, Pair};
use linkojob_proto::v1::{self as pb, client_service_client::ClientServiceClient};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Request, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Identity},
};

const TOKEN: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// A core in a folder of its own; it ends with the test.
struct Running {
    address: SocketAddr,
    ours: Authority,
    files: Files,
    stop: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    /// With a certificate of its own authority; with `asks`, callers need one of it, too.
    async fn start(asks: bool) -> Self {
        let (ours, files) = (Authority::new("ours"), Files::new());
        let core = ours.server(&["localhost"]);
        let flag = |name: &str, path: &std::path::Path| format!("--{name}={}", path.display());
        let mut flags = vec![
            "core-service".to_owned(),
            flag("embedded-path", &files.path("data")),
            "--token-keys=1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned(),
            format!("--core-service-tokens=edge:{TOKEN}:edge"),
            flag("core-tls-cert", &files.put("core.pem", &core.certificate)),
            flag("core-tls-key", &files.put("core.key", &core.key)),
        ];
        if asks {
            flags.push(flag("core-tls-client-ca", &files.put("ca.pem", &ours.pem)));
        }
        let config = Config::from_args(flags).unwrap();
        let stop = CancellationToken::new();
        let app = App::build(config, Clock::default(), stop.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { app.serve(listener).await.unwrap() });
        Self { address, ours, files, stop }
    }

    /// Asks for a client that there is not: whoever hears so is in.
    async fn ask(&self, scheme: &str, tls: Option<ClientTlsConfig>, token: Option<&str>) -> Status {
        let port = self.address.port();
        let mut endpoint = Channel::from_shared(format!("{scheme}://localhost:{port}")).unwrap();
        if let Some(tls) = tls {
            endpoint = endpoint.tls_config(tls).unwrap();
        }
        let mut request = Request::new(pb::GetClientRequest::default());
        let metadata = request.metadata_mut();
        if let Some(token) = token {
            metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        metadata.insert("x-actor-email", "ana@example.com".parse().unwrap());
        metadata.insert("x-actor-role", "USER".parse().unwrap());
        let mut clients = ClientServiceClient::new(endpoint.connect_lazy());
        clients.get_client(request).await.expect_err("there is no client")
    }
}

fn believing(authority: &Authority) -> ClientTlsConfig {
    ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authority.pem))
}

fn showing(authority: &Authority, pair: &Pair) -> ClientTlsConfig {
    believing(authority).identity(Identity::from_pem(&pair.certificate, &pair.key))
}

/// True when the core itself answered, after looking.
fn is_in(answer: &Status) -> bool {
    answer.code() == Code::NotFound
}

/// True when the connection did not come about or broke: the core said nothing.
fn is_out(answer: &Status) -> bool {
    std::error::Error::source(answer).is_some()
}

#[tokio::test]
async fn whoever_believes_its_authority_is_served_and_others_are_not() {
    let core = Running::start(false).await;
    let answer = core.ask("https", Some(believing(&core.ours)), Some(TOKEN)).await;
    assert!(is_in(&answer), "{answer:?}");
    let foreign = Authority::new("foreign");
    let answer = core.ask("https", Some(believing(&foreign)), Some(TOKEN)).await;
    assert!(is_out(&answer), "{answer:?}");
    let named = believing(&core.ours).domain_name("core.example");
    let answer = core.ask("https", Some(named), Some(TOKEN)).await;
    assert!(is_out(&answer), "{answer:?}");
    let answer = core.ask("http", None, Some(TOKEN)).await;
    assert!(is_out(&answer), "plain text: {answer:?}");
}

#[tokio::test]
async fn a_core_that_asks_for_certificates_takes_those_of_its_authority_only() {
    let core = Running::start(true).await;
    let ours = core.ours.client("edge");
    let answer = core.ask("https", Some(showing(&core.ours, &ours)), Some(TOKEN)).await;
    assert!(is_in(&answer), "{answer:?}");
    let foreign = Authority::new("ours").client("edge");
    // A certificate that is made for listening is not one for calling.
    let server = core.ours.server(&["localhost"]);
    for (who, tls) in [
        ("nobody", believing(&core.ours)),
        ("another authority's", showing(&core.ours, &foreign)),
        ("a server's", showing(&core.ours, &server)),
    ] {
        let answer = core.ask("https", Some(tls), Some(TOKEN)).await;
        assert!(is_out(&answer), "{who}: {answer:?}");
    }
}

#[tokio::test]
async fn a_certificate_is_not_a_token() {
    let core = Running::start(true).await;
    let ours = core.ours.client("edge");
    for token in [None, Some("another-token-of-thirty-two-letters")] {
        let answer = core.ask("https", Some(showing(&core.ours, &ours)), token).await;
        assert_eq!(answer.code(), Code::Unauthenticated, "{answer:?}");
        assert!(!is_out(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn who_never_finishes_a_handshake_is_in_nobodys_way() {
    let core = Running::start(true).await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(tokio::net::TcpStream::connect(core.address).await.unwrap());
    }
    let ours = showing(&core.ours, &core.ours.client("edge"));
    let answer = core.ask("https", Some(ours), Some(TOKEN)).await;
    assert!(is_in(&answer), "{answer:?}");
    assert!(core.files.path("data").exists(), "it is its own folder");
    // They are hung up on, and not kept for ever.
    for connection in &mut silent {
        let mut byte = [0];
        let read = tokio::io::AsyncReadExt::read(connection, &mut byte);
        let read = tokio::time::timeout(std::time::Duration::from_secs(20), read).await;
        assert!(matches!(read.expect("an end in time"), Ok(0) | Err(_)));
    }
}
