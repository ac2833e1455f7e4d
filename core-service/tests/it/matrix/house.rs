//! A core on a real port, with two owners who have the same kinds of things.

use core_service::{
    app::App,
    clock::Clock,
    config::Config,
    domain::{
        change::{Batch, Write},
        client::Client,
        ids::{ClientId, PhoneNumberId, TemplateId, WabaId},
        owner::Owner,
        template::{Purpose, Template},
    },
    keys::{Context, KeyRing, Vault},
    secret::Secret,
    store::{
        Store,
        embedded::{Embedded, Options},
    },
};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Request, transport::Channel};
use uuid::Uuid;

use super::{
    answer::{Answer, Raw, read},
    api::{Api, Call},
    caller::{Caller, TOKENS},
};
use crate::{graph::Graph, kit};

const KEYS: &str = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// A call that takes longer does not come back.
const LONG: Duration = Duration::from_secs(20);

/// Somebody with things of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Who tries.
    Ana,
    /// Whose things are tried.
    Bea,
    /// Who has nothing.
    Cleo,
}

impl Who {
    pub const fn email(self) -> &'static str {
        match self {
            Self::Ana => "ana@example.com",
            Self::Bea => "bea@example.com",
            Self::Cleo => "cleo@example.com",
        }
    }

    /// Tells the ids of one from those of another.
    pub const fn number(self) -> u128 {
        match self {
            Self::Ana => 1,
            Self::Bea => 2,
            Self::Cleo => 3,
        }
    }

    pub fn owner(self) -> Owner {
        Owner::parse(self.email()).unwrap()
    }

    pub fn business(self) -> String {
        format!("10654035224292{}", self.number())
    }

    pub fn account(self) -> String {
        format!("10229012934039{}", self.number())
    }
}

/// The core.
pub struct House {
    pub api: Api,
    channel: Channel,
    stop: CancellationToken,
    _graph: Graph,
    _folder: TempDir,
}

impl House {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        furnish(folder.path()).await;
        let graph = Graph::start().await;
        let tokens = TOKENS.map(|(scope, token)| format!("{scope}:{token}:{scope}")).join(",");
        let config = Config::from_args([
            "core-service".to_owned(),
            format!("--embedded-path={}", folder.path().display()),
            format!("--token-keys={KEYS}"),
            format!("--core-service-tokens={tokens}"),
            format!("--meta-graph-url={}", graph.url),
            "--meta-app-id=670843887433847".to_owned(),
            "--meta-app-secrets=secret".to_owned(),
            "--meta-config-id=1".to_owned(),
            "--oauth-redirect-uri=https://example.com/back".to_owned(),
        ]);
        let stop = CancellationToken::new();
        let app = App::build(config.unwrap(), Clock::default(), stop.clone()).await.unwrap();
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(app.serve(listener));
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        Self { api: Api::read(), channel, stop, _graph: graph, _folder: folder }
    }

    /// Asks, and gives the answer with the bytes of its message.
    pub async fn ask(
        &self,
        call: &Call,
        caller: Caller,
        who: Who,
        bytes: Vec<u8>,
    ) -> (Answer, Vec<u8>) {
        let mut request = Request::new(bytes);
        let metadata = request.metadata_mut();
        if let Some(token) = caller.token() {
            metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        if let Some(role) = caller.role {
            metadata.insert("x-actor-email", who.email().parse().unwrap());
            metadata.insert("x-actor-role", role.parse().unwrap());
        }
        let asked = tokio::time::timeout(LONG, self.first(call, request));
        asked.await.unwrap_or_else(|_| panic!("{}: no answer to {caller:?}", call.name))
    }

    /// A call of one answer is a stream that ends after it.
    async fn first(&self, call: &Call, request: Request<Vec<u8>>) -> (Answer, Vec<u8>) {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let path = Api::path(call).parse().unwrap();
        let streaming = grpc.server_streaming(request, path, Raw).await;
        let refused = |status| (Answer::refusal(&status), Vec::new());
        let mut response = match streaming {
            Ok(response) => response,
            Err(status) => return refused(status),
        };
        match response.get_mut().message().await {
            Ok(message) => {
                let bytes = message.unwrap_or_default();
                let says = read(&self.api, &call.output, &bytes, "");
                (Answer::good(response.metadata(), says), bytes)
            }
            Err(status) => refused(status),
        }
    }

    pub fn call(&self, name: &str) -> &Call {
        self.api.calls.iter().find(|call| call.name == name).unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Writes down what takes Meta to make: connected clients with templates.
async fn furnish(folder: &Path) {
    let store = Embedded::open(folder, &Options::default()).unwrap();
    let vault = Vault::new(Arc::new(KeyRing::parse(KEYS).unwrap()));
    for who in [Who::Ana, Who::Bea] {
        let client = client(who, &vault);
        let mut rows = vec![template(&client, "initiate", Some(Purpose::Initiate))];
        rows.push(template(&client, "reengage", Some(Purpose::Reengage)));
        rows.extend((who == Who::Bea).then(|| template(&client, "hers", None)));
        let mut writes = vec![Write::Client(Box::new(client))];
        writes.extend(rows.into_iter().map(|row| Write::Template(Box::new(row))));
        let (expects, events, settlements) = (Vec::new(), Vec::new(), Vec::new());
        let batch = Batch { owner: who.owner(), expects, writes, events, settlements };
        store.commit(batch).await.unwrap();
    }
    Store::close(&store).await;
}

fn client(who: Who, vault: &Vault) -> Client {
    let mut row = kit::client();
    row.id = ClientId::new(Uuid::from_u128(who.number()));
    row.owner = who.owner();
    let token = Context { client: row.id, field: "token" };
    let connection = row.connection.as_mut().unwrap();
    connection.phone_number_id = PhoneNumberId::parse(&who.business()).unwrap();
    connection.waba_id = WabaId::parse(&who.account()).unwrap();
    connection.token = Some(vault.seal(token, &Secret::new("token".to_owned())).unwrap());
    row
}

fn template(client: &Client, name: &str, purpose: Option<Purpose>) -> Template {
    let mut row = kit::template(name, "en_US", purpose);
    let (high, _) = client.id.uuid().as_u64_pair();
    assert_eq!(high, 0, "ids of owners are small");
    row.id = TemplateId::new(Uuid::from_u128(row.id.uuid().as_u128() ^ client.id.uuid().as_u128()));
    row.owner = client.owner.clone();
    row.client_id = client.id;
    row
}
