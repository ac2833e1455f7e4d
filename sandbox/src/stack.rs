//! Everything in one process: simulated Meta, core, edge and the page, over real HTTP and gRPC on
//! loopback.
//!
//! Invariant: the parts know each other only by address, as in production; what is shared is one
//! business clock, so that moving it moves all of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use core_service::clock::Clock;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    front::{self, FrontConfig, Info},
    meta::{self, SeedAccount, World, WorldConfig},
    secrets::{APP_ID, APP_SECRET, Secrets, VERIFY_TOKEN},
};

/// Where the sandbox listens and what it keeps.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// The page and everything behind it.
    pub front: SocketAddr,
    /// The edge itself.
    pub edge: SocketAddr,
    /// The core.
    pub core: SocketAddr,
    /// Where state is kept; whoever starts the stack removes it if it is not to be kept.
    pub data: PathBuf,
}

impl StackConfig {
    /// The well-known ports.
    pub fn usual(data: PathBuf) -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { front: at(8000), edge: at(8080), core: at(50051), data }
    }

    /// Free ports.
    pub fn free(data: PathBuf) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { front: any, edge: any, core: any, data }
    }
}

/// Why the sandbox does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// An address is taken.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The data folder cannot be used.
    #[error("cannot use the data folder {0}: {1}")]
    Data(PathBuf, std::io::Error),
    /// The sandbox's own settings are wrong.
    #[error("{0}")]
    Settings(String),
    /// The simulated Meta does not start.
    #[error(transparent)]
    Meta(#[from] meta::WorldError),
    /// The core does not start, or ended badly.
    #[error(transparent)]
    Core(#[from] core_service::app::Error),
    /// The edge does not start, or ended badly.
    #[error(transparent)]
    Edge(#[from] edge_gateway::app::Error),
    /// A listener broke.
    #[error("cannot serve: {0}")]
    Serve(#[from] std::io::Error),
    /// A part panicked.
    #[error("a part of the sandbox failed: {0}")]
    Part(#[from] tokio::task::JoinError),
}

/// A running sandbox.
pub struct Stack {
    /// The page and everything behind it.
    pub front: SocketAddr,
    /// The edge itself.
    pub edge: SocketAddr,
    /// The core.
    pub core: SocketAddr,
    /// The simulated Meta.
    pub world: World,
    parts: JoinSet<Result<(), StackError>>,
    stop: CancellationToken,
}

impl Stack {
    /// Starts everything; all parts end when `stop` is cancelled.
    ///
    /// # Errors
    /// [`StackError`] when a part does not come up.
    pub async fn start(config: StackConfig, stop: CancellationToken) -> Result<Self, StackError> {
        let StackConfig { front, edge, core, data } = config;
        let secrets = secrets_of(&data)?;
        let (front_listener, front) = listen(front).await?;
        let (edge_listener, edge) = listen(edge).await?;
        let (core_listener, core) = listen(core).await?;

        let clock = Clock::default();
        let world = world(&data, edge, front)?;
        clock.set_offset_millis(world.clock().offset_ms());

        let core_config = crate::parts::core_config(&data.join("core"), &secrets, front)?;
        let core_app =
            core_service::app::App::build(core_config, clock.clone(), stop.clone()).await?;
        let edge_config = crate::parts::edge_config(&secrets, core)?;
        let edge_app = edge_gateway::app::build(edge_config, stop.clone())
            .map_err(edge_gateway::app::Error::from)?;

        let info = Info {
            account: account(),
            addresses: json!({
                "page": format!("http://{front}/"), "edge": format!("http://{edge}"),
                "core": format!("http://{core}"), "graph": format!("http://{front}/graph"),
            }),
        };
        let page = front::router(
            edge_app.router(),
            meta::graph_router(world.clone()),
            meta::phone_router(world.clone()),
            FrontConfig { port: front.port(), gateway_secret: None, info },
        );

        let mut parts = JoinSet::new();
        parts.spawn(follow_clock(world.clone(), clock, stop.clone()));
        let simulated = world.start(stop.clone());
        parts.spawn(async move {
            simulated.wait().await;
            Ok(())
        });
        parts.spawn(async move { Ok(core_app.serve(core_listener).await?) });
        let end = stop.clone();
        // The edge believes identity headers from loopback, where any page of a browser can call.
        let guarded = front::local_only(edge_app.router(), edge.port());
        parts.spawn(async move { Ok(edge_app.serve_router(guarded, edge_listener, end).await?) });
        let end = stop.clone();
        parts.spawn(async move { Ok(meta::listener::serve(front_listener, page, end).await?) });
        Ok(Self { front, edge, core, world, parts, stop })
    }

    /// Waits until every part has ended. A part that ends early ends the others.
    ///
    /// # Errors
    /// The first part's error.
    pub async fn wait(mut self) -> Result<(), StackError> {
        let mut outcome = Ok(());
        while let Some(part) = self.parts.join_next().await {
            self.stop.cancel();
            let part = part.map_err(StackError::from).and_then(|part| part);
            if outcome.is_ok() {
                outcome = part;
            }
        }
        outcome
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StackError> {
    let refused = |error| StackError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

fn secrets_of(data: &Path) -> Result<Secrets, StackError> {
    let refused = |error| StackError::Data(data.to_owned(), error);
    std::fs::create_dir_all(data).map_err(refused)?;
    Secrets::of_folder(data).map_err(refused)
}

fn world(data: &Path, edge: SocketAddr, front: SocketAddr) -> Result<World, StackError> {
    Ok(World::new(WorldConfig {
        app_id: APP_ID.to_owned(),
        app_secret: APP_SECRET.to_owned(),
        webhook_url: Some(format!("http://{edge}/api/webhooks")),
        data: Some(data.join("meta")),
        app: meta::oauth::App {
            redirect_uris: vec![crate::parts::redirect_uri(front)],
            deauthorize_url: Some(format!("http://{edge}/api/auth/whatsapp/deauthorize")),
            data_deletion_url: Some(format!("http://{edge}/api/auth/whatsapp/data-deletion")),
            ..meta::oauth::App::default()
        },
        ..WorldConfig::default()
    })?)
}

/// What the page offers to connect.
fn account() -> serde_json::Value {
    let SeedAccount { access_token, waba_id, phone_number_id, number, verified_name, .. } =
        SeedAccount::default();
    json!({
        "accessToken": access_token, "wabaId": waba_id, "phoneNumberId": phone_number_id,
        "displayPhoneNumber": number, "verifiedName": verified_name,
        "appId": APP_ID, "verifyToken": VERIFY_TOKEN,
    })
}

/// Moves the core's business clock with the simulated Meta's.
async fn follow_clock(
    world: World,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), StackError> {
    let mut moves = world.clock().watch();
    loop {
        let offset = *moves.borrow_and_update();
        clock.set_offset_millis(offset);
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            changed = moves.changed() => if changed.is_err() { return Ok(()) },
        }
    }
}
