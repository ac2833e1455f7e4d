//! How a town is built: on which store, with how many cores and edges.

use std::path::{Path, PathBuf};

use dev_mongod::ReplicaSet;
use sandbox::processes::{MongoDb, Plan, ProcessError};

use super::{Meta, Store, Town, house::House, meta, town};

/// A town to be.
#[derive(Debug)]
pub struct Builder {
    store: Store,
    cores: usize,
    edges: usize,
    apart: bool,
    own_set: Option<MongoDb>,
    core_binary: PathBuf,
}

impl Builder {
    pub(super) fn on(store: Store) -> Self {
        let core_binary = town::BINARY.into();
        Self { store, cores: 1, edges: 1, apart: false, own_set: None, core_binary }
    }

    /// So many cores.
    pub fn cores(self, cores: usize) -> Self {
        Self { cores, ..self }
    }

    /// So many edges.
    pub fn edges(self, edges: usize) -> Self {
        Self { edges, ..self }
    }

    /// Each edge knows one core only, the one of its number: a call through it is a call to that core.
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// The data is in this set, which the story may break, instead of in the one that all tests share. The
    /// set must outlive the town.
    pub fn in_set(self, set: &ReplicaSet) -> Self {
        let own_set = MongoDb { uri: set.uri(), database: town::DATABASE.to_owned() };
        Self { own_set: Some(own_set), ..self }
    }

    /// The cores are run by another program, such as a script around the binary.
    pub fn core_binary(self, binary: &Path) -> Self {
        Self { core_binary: binary.to_owned(), ..self }
    }

    /// Starts it. Meta calls the first edge.
    pub async fn start(self) -> Town {
        let folder = tempfile::tempdir().expect("a folder");
        let database = match (self.store, &self.own_set) {
            (Store::Embedded, None) => None,
            (Store::Embedded, Some(_)) => panic!("the embedded store needs no replica set"),
            (Store::MongoDb, None) => Some(dev_mongod::shared().await.database()),
            (Store::MongoDb, Some(_)) => None,
        };
        let mut plan = Plan::new(town::BINARY.into(), folder.path().to_owned());
        let shared = database.as_ref().map(|database| MongoDb {
            uri: database.uri().to_owned(),
            database: database.name().to_owned(),
        });
        plan.mongodb = self.own_set.clone().or(shared);
        let (meta_process, cores, edges) = self.processes(&plan).await.unwrap_or_else(|error| {
            town::show_logs(folder.path());
            panic!("{error}")
        });
        let meta = Meta::new(meta::http(), format!("http://{}", meta_process.address()));
        meta.calls_back(&format!("http://{}/api/webhooks", edges[0].address())).await;
        let secrets = plan.secrets();
        let town =
            Town { meta, cores, edges, secrets, _meta_process: meta_process, database, folder };
        town.ready().await;
        town
    }

    async fn processes(
        &self,
        plan: &Plan,
    ) -> Result<(sandbox::processes::Process, Vec<House>, Vec<House>), ProcessError> {
        let Self { store, cores: count, edges: edge_count, apart, own_set: _, core_binary } = self;
        assert!(*store == Store::MongoDb || *count == 1, "the embedded store has one core");
        assert!(!apart || count == edge_count, "an edge for each core");
        let meta = plan.meta().await?;
        let wrapped = Plan { binary: core_binary.clone(), ..plan.clone() };
        let mut cores = Vec::new();
        for number in 0..*count {
            cores.push(House::core(name("core", number), &wrapped, meta.address()).await?);
        }
        let mut edges = Vec::new();
        for number in 0..*edge_count {
            let known = match apart {
                true => vec![cores[number].address()],
                false => cores.iter().map(House::address).collect(),
            };
            edges.push(House::edge(name("edge", number), plan, known).await?);
        }
        Ok((meta, cores, edges))
    }
}

/// `core` for the first one, `core-2` for the second.
fn name(role: &str, number: usize) -> String {
    match number {
        0 => role.to_owned(),
        _ => format!("{role}-{}", number + 1),
    }
}
